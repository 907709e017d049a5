"""Clients on other machines: who may enter, how new ones are let in, and the commands for that."""
