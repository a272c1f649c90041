"""The tools over MCP, and no logic of their own: stdio by default, streamable HTTP on loopback.

Importing this loads nothing of the MCP library; only serving does.
"""
