"""Who is acting, and what that actor may do and see."""
