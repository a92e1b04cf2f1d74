"""A lecture project of a user's own: its settings, and a new one from a template.

find_project()                  the project that contains the working folder
create_project(Path("talk"))    a new one
"""

from gradreel.project.new_project import create_project
from gradreel.project.project_settings import Project, find_project, read_project, relative_to_cwd

__all__ = ["Project", "create_project", "find_project", "read_project", "relative_to_cwd"]
