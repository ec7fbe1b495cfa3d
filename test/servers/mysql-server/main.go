// The protocol and the accounts of go-mysql-server, and Vitess' list of users: two servers that know caching_sha2_password,
// each by its own half. They have no data: who logs in may ask for a sign of life and leave. Both know the user finrst.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net"
	"time"

	"github.com/dolthub/go-mysql-server/sql/mysql_db"
	"github.com/dolthub/vitess/go/mysql"
)

const (
	user     = "finrst"
	password = "secret"
)

// commands are never asked for anything else: a call of what is not here would end its connection.
type commands struct{ mysql.Handler }

func (commands) NewConnection(*mysql.Conn)                   {}
func (commands) ConnectionClosed(*mysql.Conn)                {}
func (commands) ConnectionAborted(*mysql.Conn, string) error { return nil }

// greetsBySha2 names caching_sha2_password at once, as MySQL does from 8.0 on. Without it clients are told to switch.
type greetsBySha2 struct{ mysql.AuthServer }

func (greetsBySha2) DefaultAuthMethodDescription() mysql.AuthMethodDescription {
	return mysql.CachingSha2Password
}

// It listens at four addresses: those who know accounts and those who know the list, each greeting by mysql_native_password
// first, and by caching_sha2_password second.
func main() {
	certificate := flag.String("certificate", "", "PEM with certificate and key")
	patience := flag.Duration("read-timeout", 0, "0: for ever")
	flag.Parse()

	pair, err := tls.LoadX509KeyPair(*certificate, *certificate)
	if err != nil {
		log.Fatal(err)
	}
	list := `{"` + user + `": [{"Password": "` + password + `"}]}`
	for at, auth := range []mysql.AuthServer{
		withAccount(),
		mysql.NewAuthServerStaticWithAuthMethodDescription("", list, 0, mysql.CachingSha2Password),
	} {
		for more, greeting := range []mysql.AuthServer{auth, greetsBySha2{auth}} {
			listener, err := net.Listen("tcp", flag.Arg(2*at+more))
			if err != nil {
				log.Fatal(err)
			}
			server, err := mysql.NewFromListener(listener, greeting, commands{}, *patience, 0)
			if err != nil {
				log.Fatal(err)
			}
			server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
			go server.Accept()
		}
	}
	log.Print("listening")
	select {}
}

// withAccount does what CREATE USER does.
func withAccount() *mysql_db.MySQLDb {
	salt, err := mysql.NewSalt()
	if err != nil {
		log.Fatal(err)
	}
	digest, err := mysql.SerializeCachingSha2PasswordAuthString(password, salt, mysql.DefaultCachingSha2PasswordHashIterations)
	if err != nil {
		log.Fatal(err)
	}
	accounts := mysql_db.CreateEmptyMySQLDb()
	accounts.SetEnabled(true)
	editor := accounts.Editor()
	editor.PutUser(&mysql_db.User{
		User:                user,
		Host:                "%",
		Plugin:              string(mysql.CachingSha2Password),
		AuthString:          string(digest),
		PasswordLastChanged: time.Now(),
		PrivilegeSet:        mysql_db.NewPrivilegeSet(),
	})
	editor.Close()
	return accounts
}
