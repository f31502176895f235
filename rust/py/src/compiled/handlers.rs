//! The machine code of a strategy's handlers, as Numba leaves it: C functions that return a code, and say by a pointer
//! what they raised.
#![expect(unsafe_code, reason = "calls functions by their address")]

use crate::compiled::view::DeskView;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::ffi::c_void;

/// `(result, raised, state, ctx, what happened) -> code`; the code is 0 if nothing was raised.
type Function = unsafe extern "C" fn(
    result: *mut *mut c_void,
    raised: *mut *const c_void,
    state: *mut c_void,
    desk: *mut DeskView,
    about: *mut c_void,
) -> i32;

/// The address of what a handler raised, for Python to read; 0 if it did not say.
#[derive(Debug, Clone, Copy)]
pub struct Raised(pub usize);

/// One handler.
#[derive(Clone, Copy)]
pub struct Handler(Function);

impl Handler {
    /// # Safety
    /// `address` is that of a compiled handler whose code stays loaded for as long as this value is used.
    unsafe fn at(address: usize) -> Self {
        // SAFETY: the caller's promise; the type is the convention of the code generator, held by a test.
        Self(unsafe { std::mem::transmute::<*const c_void, Function>(address as *const c_void) })
    }

    /// Calls the handler.
    ///
    /// # Safety
    /// `state` is the memory that the handler was compiled for, `desk` has a counter, `about` is a view of the handler's
    /// kind, and nothing else uses any of them meanwhile.
    #[inline]
    pub unsafe fn call<T>(self, state: *mut c_void, desk: *mut DeskView, about: &mut T) -> Result<(), Raised> {
        let mut result = std::ptr::null_mut();
        let mut raised = std::ptr::null();
        // SAFETY: the caller's promise.
        let code = unsafe {
            (self.0)(
                &raw mut result,
                &raw mut raised,
                state,
                desk,
                std::ptr::from_mut(about).cast(),
            )
        };
        if code == 0 {
            Ok(())
        } else {
            Err(Raised(raised as usize))
        }
    }
}

/// All handlers of a strategy.
#[derive(Clone, Copy, Default)]
pub struct Handlers {
    pub bar: Option<Handler>,
    pub slice: Option<Handler>,
    pub fill: Option<Handler>,
    pub order: Option<Handler>,
    pub timer: Option<Handler>,
}

impl Handlers {
    /// From a dictionary of names and addresses, as the linker of `triplebar.strategy.compile` makes it.
    pub fn new(addresses: &Bound<'_, PyDict>) -> PyResult<Self> {
        let find = |name: &str| -> PyResult<Option<Handler>> {
            let Some(address) = addresses.get_item(name)? else {
                return Ok(None);
            };
            // SAFETY: the linker gives addresses of handlers that it loaded, and keeps their code for the process.
            Ok(Some(unsafe { Handler::at(address.extract()?) }))
        };
        Ok(Self {
            bar: find("on_bar")?,
            slice: find("on_slice")?,
            fill: find("on_fill")?,
            order: find("on_order")?,
            timer: find("on_timer")?,
        })
    }
}
