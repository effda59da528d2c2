"""The one picture: how sessions, papers and consultations build on one another."""
