"""The guards of pages under their old address; they live in `forms.guard`, which the studio uses too."""

from forms_engine.forms.guard import open_to_all, signed_in

__all__ = ["open_to_all", "signed_in"]
