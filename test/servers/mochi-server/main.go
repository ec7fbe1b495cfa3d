// A broker of MQTT that says why it ends a connection, as version 5 has it. SIGTERM stops it; SIGUSR1 throws every client
// out, as an operator does.
package main

import (
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/hooks/auth"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	flag.Parse()

	server := mqtt.New(nil)
	if err := server.AddHook(new(auth.AllowHook), nil); err != nil {
		log.Fatal(err)
	}
	if err := server.AddListener(listeners.NewTCP(listeners.Config{ID: "tcp", Address: *address})); err != nil {
		log.Fatal(err)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGUSR1)
	if err := server.Serve(); err != nil {
		log.Fatal(err)
	}
	for got := range signals {
		if got == syscall.SIGTERM {
			server.Close()
			return
		}
		for _, client := range server.Clients.GetAll() {
			if err := server.DisconnectClient(client, packets.ErrAdministrativeAction); err != nil {
				log.Print(err)
			}
		}
	}
}
