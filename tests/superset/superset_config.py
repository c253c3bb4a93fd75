"""Superset's own configuration for `make test-superset`: everything in one folder, nothing cached for long."""

import os
import secrets

SECRET_KEY = os.environ.get("TEST_SUPERSET_PASSWORD", secrets.token_hex(12)) * 2
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['TEST_SUPERSET_HOME']}/metadata.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
PREVENT_UNSAFE_DB_CONNECTIONS = False
MEMORY = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 1}
CACHE_CONFIG = DATA_CACHE_CONFIG = FILTER_STATE_CACHE_CONFIG = EXPLORE_FORM_DATA_CACHE_CONFIG = MEMORY
