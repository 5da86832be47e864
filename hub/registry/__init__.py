"""Who is who: counties, their certificates, what is believed of them now, and the directory they are told."""
