"""Simulated households: routines, ground truth, recordings, faults, load."""
