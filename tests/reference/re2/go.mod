module tamis.invalid/re2

go 1.26
