"""Ground for every app: BaseModel, discovery of extension files, background work."""
