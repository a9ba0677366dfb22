package source

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
)

func openMySQL(s Source) (asker, error) {
	wrong := errors.New("the address cannot be read: write USER:PASSWORD@tcp(HOST:3306)/DATABASE") // errors of the driver may quote it
	cfg, err := mysql.ParseDSN(s.MySQL)
	if err != nil {
		return nil, wrong
	}
	cfg.MaxAllowedPacket = maxBytes // a row
	cfg.Timeout = 10 * time.Second
	cfg.InterpolateParams, cfg.MultiStatements, cfg.AllowAllFiles = false, false, false
	cfg.Logger = &mysql.NopLogger{}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, wrong
	}
	return newDatabase(sql.OpenDB(connector), noStatement, mysqlFault), nil
}

// mysqlFault keeps a message only where it speaks of names and words of the operator's: access, names of databases, tables and
// columns, and syntax. Source: dev.mysql.com, "Server Error Message Reference".
func mysqlFault(err error) error {
	if errors.Is(err, mysql.ErrPktTooLarge) {
		return unusablef("a row of the answer has more than %d bytes", maxBytes)
	}
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return err // of the network
	}
	told := fmt.Errorf("MySQL error %d", e.Number)
	switch e.Number {
	case 1044, 1045, 1049, 1054, 1064, 1142, 1143, 1146:
		told = fmt.Errorf("%s (MySQL error %d)", e.Message, e.Number)
	}
	// Too many connections, access denied, no such database, shut down, lock timeout, deadlock, cancelled, time limit.
	return transient(told, e.Number, 1040, 1044, 1045, 1049, 1053, 1205, 1213, 1317, 3024)
}
