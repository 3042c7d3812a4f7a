"""One stock action a file."""
