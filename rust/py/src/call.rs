//! What pyo3 has no safe word for: calling a handler without building a tuple, and asking who else holds an object.

use pyo3::ffi;
use pyo3::prelude::*;

/// Tells a callee that it may overwrite the slot before the first argument (for `self` of a bound method).
const ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);

#[expect(unsafe_code, reason = "declares a function of the interpreter")]
unsafe extern "C" {
    /// Exported by every `CPython` since 3.9 with this signature; part of the stable ABI since 3.12, and unchanged.
    fn PyObject_Vectorcall(
        callable: *mut ffi::PyObject,
        arguments: *const *mut ffi::PyObject,
        count: usize,
        names: *mut ffi::PyObject,
    ) -> *mut ffi::PyObject;
}

/// `handler(context, argument)`, the result dropped.
#[inline]
#[expect(
    unsafe_code,
    reason = "pyo3 has no vectorcall for abi3 before 3.12: a tuple a call costs 40 ns"
)]
pub fn call2(
    py: Python<'_>,
    handler: &Py<PyAny>,
    context: &Bound<'_, PyAny>,
    argument: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let mut arguments = [std::ptr::null_mut(), context.as_ptr(), argument.as_ptr()];
    // SAFETY: the callable and both arguments are live objects for the length of the call (they are borrowed from owners
    // above); two arguments follow the spare slot that the flag promises; the thread is attached to the interpreter.
    let result = unsafe {
        PyObject_Vectorcall(
            handler.as_ptr(),
            arguments.as_mut_ptr().add(1),
            2 | ARGUMENTS_OFFSET,
            std::ptr::null_mut(),
        )
    };
    // SAFETY: the call returns a new reference, or null with an exception set; both are what this constructor takes.
    unsafe { Bound::from_owned_ptr_or_err(py, result) }.map(|_| ())
}

/// Whether the holder of this reference is the only one.
#[inline]
#[expect(
    unsafe_code,
    reason = "pyo3 leaves reading the count to the interpreter's own function"
)]
pub fn is_unshared<T>(object: &Py<T>) -> bool {
    // SAFETY: the object is alive, since a reference to it is held; reading its count changes nothing.
    unsafe { ffi::Py_REFCNT(object.as_ptr()) == 1 }
}
