"""Measuring detectors on recordings."""
