/* The practical limit of a strategy in native code: each workload written by hand as one loop.
 *
 * Same fills, fees, cash and equity per bar as the engine (next-open fills, open-high-low-close path), nothing else: no order
 * table, no events, no ledger. Prices are integer ticks. Every function returns the number of fills and writes equity[bars].
 * With -DRECORD the first three keep a record as well: orders, events, fills, cash (see record.h).
 */
#include "accounting.h"
#include "record.h"

typedef struct {
    int64_t bars;
    const int64_t *open, *high, *low, *close;
    int64_t *equity;
    int64_t cash_minor, unit_minor, commission_ppb;
    record *kept;
} task;

static account opened(const task *t) {
    account a = {t->cash_minor, 0, 0, t->unit_minor, t->commission_ppb};
    return a;
}

/* Fill an order at a price, and keep it. Tells whether it was filled. */
static inline int fill_order(const task *t, account *a, int64_t i, int64_t id, int64_t lots, int64_t price_ticks) {
    int64_t before = a->cash_minor;
    if (!fill(a, lots, price_ticks))
        return 0;
    booked(t->kept, i, id, price_ticks, before - a->cash_minor - lots * price_ticks * a->unit_minor);
    return 1;
}

/* A market order arrives: it is filled or refused. */
static inline void arrive(const task *t, account *a, int64_t i, int64_t id, int64_t lots) {
    if (!fill_order(t, a, i, id, lots, t->open[i]))
        noted(t->kept, i, id, REJECTED, 0);
}

static inline void end_bar(const task *t, const account *a, int64_t i) {
    t->equity[i] = equity_at(a, t->close[i]);
    paid(t->kept, i, a->cash_minor);
}

/* W1: long one lot while the mean of 10 closes is above the mean of 50, else flat. */
int64_t w1_cross(const task *t) {
    account a = opened(t);
    int64_t quick = 0, calm = 0, pending = 0, id = 0;
    for (int64_t i = 0; i < t->bars; i++) {
        if (pending)
            arrive(t, &a, i, id, pending);
        quick += t->close[i] - (i >= 10 ? t->close[i - 10] : 0);
        calm += t->close[i] - (i >= 50 ? t->close[i - 50] : 0);
        end_bar(t, &a, i);
        pending = i >= 49 ? (5 * quick > calm) - a.position_lots : 0;
        if (pending)
            id = sent(t->kept, i, pending, 0);
    }
    if (pending)
        noted(t->kept, t->bars - 1, id, EXPIRED, 0);
    return a.fills;
}

/* W2: the position is flipped by a market order on every bar. */
int64_t w2_flip(const task *t) {
    account a = opened(t);
    int64_t pending = 0, id = 0;
    for (int64_t i = 0; i < t->bars; i++) {
        if (pending)
            arrive(t, &a, i, id, pending);
        end_bar(t, &a, i);
        pending = a.position_lots == 0 ? 1 : -2 * a.position_lots;
        id = sent(t->kept, i, pending, 0);
    }
    if (pending)
        noted(t->kept, t->bars - 1, id, EXPIRED, 0);
    return a.fills;
}

/* W3: every bar cancels two resting limits and places two, `distance` ticks from the close. */
int64_t w3_quotes(const task *t, int64_t distance, int64_t *cancels) {
    account a = opened(t);
    int64_t bid = 0, ask = 0, bid_id = 0, ask_id = 0;
    *cancels = 0;
    for (int64_t i = 0; i < t->bars; i++) {
        if (i > 0) {
            int bid_lives = 1, ask_lives = 1;
            if (t->open[i] <= bid)
                bid_lives = !fill_order(t, &a, i, bid_id, 1, t->open[i]);
            else
                noted(t->kept, i, bid_id, ACCEPTED, t->open[i]);
            if (t->open[i] >= ask)
                ask_lives = !fill_order(t, &a, i, ask_id, -1, t->open[i]);
            else
                noted(t->kept, i, ask_id, ACCEPTED, t->open[i]);
            if (ask_lives && t->high[i] >= ask)
                ask_lives = !fill_order(t, &a, i, ask_id, -1, ask);
            if (bid_lives && t->low[i] <= bid)
                bid_lives = !fill_order(t, &a, i, bid_id, 1, bid);
            *cancels += bid_lives + ask_lives;
            if (bid_lives)
                noted(t->kept, i, bid_id, CANCELED, 0);
            if (ask_lives)
                noted(t->kept, i, ask_id, CANCELED, 0);
        }
        end_bar(t, &a, i);
        bid = t->close[i] - distance;
        ask = t->close[i] + distance;
        bid_id = sent(t->kept, i, 1, bid);
        ask_id = sent(t->kept, i, -1, ask);
    }
    noted(t->kept, t->bars - 1, bid_id, EXPIRED, 0);
    noted(t->kept, t->bars - 1, ask_id, EXPIRED, 0);
    return a.fills;
}

/* W4: `width` instruments, brought to equal weight every `every` bars; open and close are [bar][instrument]. */
int64_t w4_rebalance(const task *t, int64_t width, int64_t every, double share, int64_t *position, int64_t *pending) {
    account a = opened(t);
    for (int64_t i = 0; i < t->bars; i++) {
        const int64_t *open = t->open + i * width, *close = t->close + i * width;
        if (i > 0 && (i - 1) % every == 0)
            for (int64_t j = 0; j < width; j++)
                if (pending[j]) {
                    int64_t size = pending[j] < 0 ? -pending[j] : pending[j];
                    int64_t worth = open[j] * a.unit_minor;
                    a.cash_minor -= pending[j] * worth + scale(size * worth, a.commission_ppb);
                    position[j] += pending[j];
                    a.fills += 1;
                }
        int64_t ticks = 0;
        for (int64_t j = 0; j < width; j++)
            ticks += position[j] * close[j];
        t->equity[i] = a.cash_minor + ticks * a.unit_minor;
        if (i % every == 0) {
            double equity = (double)t->equity[i] / 1e8;
            for (int64_t j = 0; j < width; j++)
                pending[j] = (int64_t)(share * equity / ((double)close[j] / 100.0)) - position[j];
        }
    }
    return a.fills;
}
