"""Delivery channels: one file a channel."""
