module finrst.example/pod

go 1.24
