"""Every entity is a real table: plan and apply its DDL, put the walls around it, make models for it."""
