//! Counterfoil's reference exporter.
