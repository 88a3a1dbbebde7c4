"""The screens: pages that work as plain forms, and one small module that makes them live."""
