//! What all indicator classes have in common.

/// Declares an indicator class: its parameters become read-only attributes; `value`, `ready`, `reset`, `repr` and pickling
/// are written here once; the class adds its constructor, `update` and `column`.
macro_rules! indicator_class {
    (
        $(#[$about:meta])*
        $class:ident, $name:literal, $core:ty, ($($parameter:ident: $kind:ty),*), $shown:path => $output:ty,
        { $($own:tt)* }
    ) => {
        $(#[$about])*
        #[pyclass(frozen, module = "triplebar._native", name = $name)]
        pub struct $class {
            core: $crate::guarded::Guarded<$core>,
            $(
                #[pyo3(get)]
                $parameter: $kind,
            )*
        }

        #[pymethods]
        impl $class {
            $($own)*

            /// The value after the last update; NaN until ready.
            #[getter]
            fn value(&self, py: Python<'_>) -> $output {
                $shown(self.core.with(py, |core| core.value()))
            }

            /// Whether there is a value.
            #[getter]
            fn ready(&self, py: Python<'_>) -> bool {
                self.core.with(py, |core| core.ready())
            }

            /// Forgets everything seen; the parameters stay.
            fn reset(&self, py: Python<'_>) {
                self.core.with(py, |core| core.reset());
            }

            /// Where the indicator itself lies, for compiled strategies; it stays there as long as the object lives.
            fn _address(&self) -> usize {
                self.core.address()
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                $crate::indicators::state::describe($name, &[
                    $((stringify!($parameter), self.$parameter.into_bound_py_any(py)?),)*
                    ("value", self.value(py).into_bound_py_any(py)?),
                ])
            }

            fn __reduce__<'py>(
                slf: &Bound<'py, Self>,
            ) -> PyResult<(Bound<'py, PyType>, ($($kind,)*), Bound<'py, PyBytes>)> {
                let this = slf.get();
                let state = this.core.with(slf.py(), |core| $crate::indicators::state::pack(slf.py(), core))?;
                Ok((slf.get_type(), ($(this.$parameter,)*), state))
            }

            fn __setstate__(&self, py: Python<'_>, state: &[u8]) -> PyResult<()> {
                let state = $crate::indicators::state::unpack($name, state)?;
                self.core.with(py, |core| *core = state);
                Ok(())
            }
        }
    };
}
