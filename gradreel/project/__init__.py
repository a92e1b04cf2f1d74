"""A lecture project of a user's own: its settings, and a new one from a template.

find_project()                  the project that contains the working folder
create_project(Path("talk"))    a new one
"""

from gradreel.project.project_settings import Project, find_project, read_project

__all__ = ["Project", "find_project", "read_project"]
