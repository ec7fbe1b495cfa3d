// A gRPC server with nothing in it but the standard health service. SIGTERM stops it gracefully, as servers of gRPC are
// usually stopped; SIGINT at once.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
)

func main() {
	var limits keepalive.ServerParameters
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	flag.DurationVar(&limits.MaxConnectionIdle, "max-connection-idle", 0, "0: never")
	flag.DurationVar(&limits.MaxConnectionAge, "max-connection-age", 0, "0: never")
	certificate := flag.String("certificate", "", "PEM with certificate and key; empty: no TLS")
	without := flag.Bool("without-health", false, "answer every call with UNIMPLEMENTED")
	flag.Parse()

	options := []grpc.ServerOption{grpc.KeepaliveParams(limits)}
	if *certificate != "" {
		pair, err := tls.LoadX509KeyPair(*certificate, *certificate)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(credentials.NewServerTLSFromCert(&pair)))
	}
	server := grpc.NewServer(options...)
	if !*without {
		checks := health.NewServer()
		checks.SetServingStatus("down", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
		grpc_health_v1.RegisterHealthServer(server, checks)
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		log.Fatal(err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		if <-signals == syscall.SIGTERM {
			server.GracefulStop()
		} else {
			server.Stop()
		}
	}()
	if err := server.Serve(listener); err != nil {
		log.Fatal(err)
	}
}
