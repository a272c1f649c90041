"""Marts on ClickHouse: the same model files, results and checks, made inside the server."""
