module dockless/bench/load

go 1.26
