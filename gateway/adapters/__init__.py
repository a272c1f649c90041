"""One file per library at the edge; put together in `gateway.wiring`."""
