/* The practical limit of a strategy in Python: the loops of loop.c that call `on_bar(bar)` with a fresh bar object per bar.
 *
 * The core keeps indicators, account, two resting limits and equity. The strategy reads `core.quick`, `core.calm`,
 * `core.position` and calls `core.order`, `core.limit`, `core.cancel`; or it updates a `Mean` of its own and asks
 * `core.position_of(symbol)`, as strategies of triplebar do. Nothing is checked and nothing is recorded: an engine that
 * validates orders and keeps facts cannot be quicker than this.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#include "accounting.h"

typedef struct {
    PyObject_HEAD
    PyObject *symbol;
    int64_t time_ns, index;
    double open, high, low, close, volume;
} bar_object;

static PyMemberDef bar_members[] = {
    {"symbol", T_OBJECT_EX, offsetof(bar_object, symbol), READONLY, NULL},
    {"time_ns", T_LONGLONG, offsetof(bar_object, time_ns), READONLY, NULL},
    {"index", T_LONGLONG, offsetof(bar_object, index), READONLY, NULL},
    {"open", T_DOUBLE, offsetof(bar_object, open), READONLY, NULL},
    {"high", T_DOUBLE, offsetof(bar_object, high), READONLY, NULL},
    {"low", T_DOUBLE, offsetof(bar_object, low), READONLY, NULL},
    {"close", T_DOUBLE, offsetof(bar_object, close), READONLY, NULL},
    {"volume", T_DOUBLE, offsetof(bar_object, volume), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static void bar_dealloc(bar_object *self) {
    Py_XDECREF(self->symbol);
    PyObject_Free(self);
}

static PyTypeObject bar_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "floor.Bar",
    .tp_basicsize = sizeof(bar_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)bar_dealloc,
    .tp_members = bar_members,
};

#define MEAN_MAX 64

typedef struct {
    PyObject_HEAD
    double window[MEAN_MAX], sum;
    int length, count;
    char ready;
} mean_object;

static PyMemberDef mean_members[] = {
    {"ready", T_BOOL, offsetof(mean_object, ready), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static int mean_init(mean_object *self, PyObject *args, PyObject *keywords) {
    if (!PyArg_ParseTuple(args, "i", &self->length))
        return -1;
    if (self->length < 1 || self->length > MEAN_MAX) {
        PyErr_SetString(PyExc_ValueError, "length is out of range");
        return -1;
    }
    return 0;
}

static PyObject *mean_update(mean_object *self, PyObject *value) {
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred())
        return NULL;
    double *slot = &self->window[self->count % self->length];
    self->sum += x - *slot;
    *slot = x;
    self->count += 1;
    self->ready = self->count >= self->length;
    return PyFloat_FromDouble(self->sum / self->length);
}

static PyMethodDef mean_methods[] = {
    {"update", (PyCFunction)mean_update, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject mean_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "floor.Mean",
    .tp_basicsize = sizeof(mean_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)mean_init,
    .tp_members = mean_members,
    .tp_methods = mean_methods,
};

typedef struct {
    PyObject_HEAD
    account account;
    Py_buffer ticks[4], equity; /* open, high, low, close */
    PyObject *symbol;
    double quick, calm;
    int64_t pending, limit[2], cancels;
    int live[2]; /* 0 bid, 1 ask */
} core_object;

static PyMemberDef core_members[] = {
    {"quick", T_DOUBLE, offsetof(core_object, quick), READONLY, NULL},
    {"calm", T_DOUBLE, offsetof(core_object, calm), READONLY, NULL},
    {"position", T_LONGLONG, offsetof(core_object, account.position_lots), READONLY, NULL},
    {"fills", T_LONGLONG, offsetof(core_object, account.fills), READONLY, NULL},
    {"cancels", T_LONGLONG, offsetof(core_object, cancels), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static int core_init(core_object *self, PyObject *args, PyObject *keywords) {
    PyObject *ticks[4], *equity;
    long long cash, unit, commission;
    if (!PyArg_ParseTuple(args, "UOOOOOLLL", &self->symbol, &ticks[0], &ticks[1], &ticks[2], &ticks[3], &equity, &cash,
                          &unit, &commission))
        return -1;
    Py_INCREF(self->symbol);
    for (int i = 0; i < 4; i++)
        if (PyObject_GetBuffer(ticks[i], &self->ticks[i], PyBUF_C_CONTIGUOUS) < 0)
            return -1;
    if (PyObject_GetBuffer(equity, &self->equity, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE) < 0)
        return -1;
    account opened = {cash, 0, 0, unit, commission};
    self->account = opened;
    return 0;
}

static void core_dealloc(core_object *self) {
    for (int i = 0; i < 4; i++)
        PyBuffer_Release(&self->ticks[i]);
    PyBuffer_Release(&self->equity);
    Py_XDECREF(self->symbol);
    Py_TYPE(self)->tp_free((PyObject *)self);
}

/* order(lots): a market order for the next open. */
static PyObject *core_order(core_object *self, PyObject *lots) {
    int64_t size = PyLong_AsLongLong(lots);
    if (size == -1 && PyErr_Occurred())
        return NULL;
    self->pending += size;
    return PyLong_FromLongLong(self->account.fills + 1);
}

/* position_of(symbol): the position as a float, found by name. */
static PyObject *core_position_of(core_object *self, PyObject *symbol) {
    int same = symbol == self->symbol ? 1 : PyObject_RichCompareBool(symbol, self->symbol, Py_EQ);
    if (same < 1)
        return same < 0 ? NULL : PyErr_Format(PyExc_KeyError, "no such symbol");
    return PyFloat_FromDouble((double)self->account.position_lots);
}

/* limit(side, price): place a limit of one lot; side 0 is the bid, 1 the ask. */
static PyObject *core_limit(core_object *self, PyObject *const *args, Py_ssize_t count) {
    if (count != 2)
        return PyErr_Format(PyExc_TypeError, "limit takes side and price");
    long side = PyLong_AsLong(args[0]);
    double price = PyFloat_AsDouble(args[1]);
    if (PyErr_Occurred() || side < 0 || side > 1)
        return PyErr_Format(PyExc_ValueError, "side is 0 or 1");
    self->limit[side] = (int64_t)(price * 100.0 + 0.5);
    self->live[side] = 1;
    return PyLong_FromLong(side);
}

static PyObject *core_cancel(core_object *self, PyObject *order) {
    long side = PyLong_AsLong(order);
    if (side < 0 || side > 1)
        return PyErr_Format(PyExc_ValueError, "side is 0 or 1");
    self->cancels += self->live[side];
    PyObject *was_live = self->live[side] ? Py_True : Py_False;
    self->live[side] = 0;
    return Py_NewRef(was_live);
}

static void meet_limits(core_object *self, int64_t open, int64_t high, int64_t low) {
    account *a = &self->account;
    if (self->live[0] && open <= self->limit[0])
        self->live[0] = !fill(a, 1, open);
    if (self->live[1] && open >= self->limit[1])
        self->live[1] = !fill(a, -1, open);
    if (self->live[1] && high >= self->limit[1])
        self->live[1] = !fill(a, -1, self->limit[1]);
    if (self->live[0] && low <= self->limit[0])
        self->live[0] = !fill(a, 1, self->limit[0]);
}

static PyObject *fresh_bar(core_object *self, int64_t i, const int64_t *const prices[4]) {
    bar_object *bar = PyObject_New(bar_object, &bar_type);
    if (bar == NULL)
        return NULL;
    bar->symbol = Py_NewRef(self->symbol);
    bar->time_ns = (i + 1) * 60000000000LL;
    bar->index = i;
    bar->open = (double)prices[0][i] / 100.0;
    bar->high = (double)prices[1][i] / 100.0;
    bar->low = (double)prices[2][i] / 100.0;
    bar->close = (double)prices[3][i] / 100.0;
    bar->volume = 1.0;
    return (PyObject *)bar;
}

/* run(on_bar, …): the whole loop; what follows on_bar is handed to it before the bar. */
static PyObject *core_run(core_object *self, PyObject *const *args, Py_ssize_t count) {
    if (count < 1 || count > 2)
        return PyErr_Format(PyExc_TypeError, "run takes on_bar and at most one more");
    PyObject *call[3] = {NULL, count == 2 ? args[1] : NULL, NULL};
    const int64_t *prices[4];
    for (int k = 0; k < 4; k++)
        prices[k] = self->ticks[k].buf;
    int64_t *equity = self->equity.buf, quick = 0, calm = 0;
    int64_t bars = self->equity.len / (int64_t)sizeof(int64_t);
    for (int64_t i = 0; i < bars; i++) {
        if (self->pending) {
            fill(&self->account, self->pending, prices[0][i]);
            self->pending = 0;
        }
        if (self->live[0] | self->live[1])
            meet_limits(self, prices[0][i], prices[1][i], prices[2][i]);
        quick += prices[3][i] - (i >= 10 ? prices[3][i - 10] : 0);
        calm += prices[3][i] - (i >= 50 ? prices[3][i - 50] : 0);
        self->quick = (double)quick / 1000.0;
        self->calm = (double)calm / 5000.0;
        PyObject *bar = call[count] = fresh_bar(self, i, prices);
        if (bar == NULL)
            return NULL;
        PyObject *done = PyObject_Vectorcall(args[0], call + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_DECREF(bar);
        if (done == NULL)
            return NULL;
        Py_DECREF(done);
        equity[i] = equity_at(&self->account, prices[3][i]);
    }
    Py_RETURN_NONE;
}

static PyMethodDef core_methods[] = {
    {"order", (PyCFunction)core_order, METH_O, NULL},
    {"position_of", (PyCFunction)core_position_of, METH_O, NULL},
    {"limit", (PyCFunction)(void (*)(void))core_limit, METH_FASTCALL, NULL},
    {"cancel", (PyCFunction)core_cancel, METH_O, NULL},
    {"run", (PyCFunction)(void (*)(void))core_run, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject core_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "floor.Core",
    .tp_basicsize = sizeof(core_object),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_new = PyType_GenericNew,
    .tp_init = (initproc)core_init,
    .tp_dealloc = (destructor)core_dealloc,
    .tp_members = core_members,
    .tp_methods = core_methods,
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "floor", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_floor(void) {
    if (PyType_Ready(&bar_type) < 0 || PyType_Ready(&mean_type) < 0 || PyType_Ready(&core_type) < 0)
        return NULL;
    PyObject *made = PyModule_Create(&module);
    if (made == NULL || PyModule_AddObjectRef(made, "Core", (PyObject *)&core_type) < 0 ||
        PyModule_AddObjectRef(made, "Mean", (PyObject *)&mean_type) < 0)
        return NULL;
    return made;
}
