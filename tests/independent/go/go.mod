module oreline.check

go 1.24

require golang.org/x/mod v0.0.0

// Two packages of Go's own checksum database, copied out of the Go distribution: see README.md.
replace golang.org/x/mod => ./mod
