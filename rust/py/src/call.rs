//! Calling a Python handler with two arguments, without building a tuple.

use pyo3::ffi;
use pyo3::prelude::*;

/// `handler(context, argument)`, the result dropped.
#[inline]
#[expect(unsafe_code, reason = "abi3 before 3.12 has no vectorcall in pyo3: a tuple a call costs 40 ns")]
pub fn call2(py: Python<'_>, handler: &Py<PyAny>, context: &Bound<'_, PyAny>, argument: &Bound<'_, PyAny>) -> PyResult<()> {
    // SAFETY: the three pointers are live objects for the length of the call (they are borrowed from owners above),
    // the list of arguments ends with null as the function demands, and the thread is attached to the interpreter.
    let result = unsafe {
        ffi::PyObject_CallFunctionObjArgs(
            handler.as_ptr(),
            context.as_ptr(),
            argument.as_ptr(),
            std::ptr::null_mut::<ffi::PyObject>(),
        )
    };
    // SAFETY: the call returns a new reference, or null with an exception set; both are what this constructor takes.
    unsafe { Bound::from_owned_ptr_or_err(py, result) }.map(|_| ())
}
