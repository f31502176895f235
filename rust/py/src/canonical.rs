//! Canonical bytes of Python objects, by the core's own encoder.

use crate::faults::fault;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use triplebar_core::canonical::{DEPTH_MAX, Value, encode};

/// The canonical bytes of an object.
#[pyfunction]
#[pyo3(name = "canonical_bytes")]
pub fn py_canonical_bytes<'py>(py: Python<'py>, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &encode(&read(py, value, 0)?)))
}

fn read(py: Python<'_>, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if depth > DEPTH_MAX {
        return Err(fault(
            py,
            "ConfigError",
            &format!("values nested deeper than {DEPTH_MAX} have no canonical bytes"),
        ));
    }
    if value.is_none() {
        return Ok(Value::None);
    }
    if let Ok(truth) = value.cast::<PyBool>() {
        return Ok(Value::Bool(truth.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(Value::Integer(value.extract()?));
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(Value::Float(value.extract()?));
    }
    if value.is_instance_of::<PyString>() {
        return Ok(Value::Text(value.extract()?));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Value::Bytes(bytes.as_bytes().to_vec()));
    }
    read_container(py, value, depth)
}

fn read_container(py: Python<'_>, value: &Bound<'_, PyAny>, depth: usize) -> PyResult<Value> {
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value.try_iter()?.map(|item| read(py, &item?, depth + 1));
        return Ok(Value::List(items.collect::<PyResult<_>>()?));
    }
    if let Ok(map) = value.cast::<PyDict>() {
        return Ok(Value::Map(read_fields(py, map, depth)?));
    }
    if let Ok(fields) = value
        .getattr("__dataclass_fields__")
        .and_then(|fields| Ok(fields.cast_into::<PyDict>()?))
    {
        let name: String = value.get_type().name()?.extract()?;
        let read_one = |(field, _): (Bound<'_, PyAny>, Bound<'_, PyAny>)| -> PyResult<(String, Value)> {
            let field: String = field.extract()?;
            let item = read(py, &value.getattr(field.as_str())?, depth + 1)?;
            Ok((field, item))
        };
        return Ok(Value::Record(
            name,
            fields.iter().map(read_one).collect::<PyResult<_>>()?,
        ));
    }
    read_number(py, value)
}

fn read_fields(py: Python<'_>, map: &Bound<'_, PyDict>, depth: usize) -> PyResult<Vec<(String, Value)>> {
    map.iter()
        .map(|(key, item)| Ok((key.extract()?, read(py, &item, depth + 1)?)))
        .collect()
}

fn read_number(py: Python<'_>, value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_instance(&py.import("decimal")?.getattr("Decimal")?)? {
        let parts = value.call_method0("as_tuple")?;
        let digits: Vec<u8> = parts.getattr("digits")?.extract()?;
        let exponent = parts.getattr("exponent")?.extract::<i64>();
        let exponent = exponent.map_err(|_| fault(py, "ConfigError", "only finite decimals have canonical bytes"))?;
        let digits = digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        return Ok(Value::Decimal {
            negative: parts.getattr("sign")?.extract::<u8>()? == 1,
            digits,
            exponent,
        });
    }
    if value.is_instance(&py.import("datetime")?.getattr("datetime")?)? {
        return Ok(Value::Time(
            py.import("triplebar.contracts.time")?
                .getattr("to_ns")?
                .call1((value,))?
                .extract()?,
        ));
    }
    let name = value.get_type().name()?;
    Err(fault(
        py,
        "ConfigError",
        &format!(
            "{name} has no canonical bytes; use None, bool, int, float, str, bytes, Decimal, aware datetime, list, dict or a dataclass"
        ),
    ))
}
