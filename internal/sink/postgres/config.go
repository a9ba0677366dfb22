package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tamerhq/tamer/internal/sink"
)

// Config says where a sink is. Parse makes it.
type Config struct {
	Schema string
	pool   *pgxpool.Config
}

// String is the address without its settings, for messages.
func (c Config) String() string {
	conn := c.pool.ConnConfig
	return fmt.Sprintf("postgres://%s/%s?schema=%s", conn.Host, conn.Database, c.Schema)
}

// schemaName allows what the names of repositories hold. 63 bytes is PostgreSQL's limit (NAMEDATALEN).
var schemaName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$`)

// Parse reads postgres://USER@HOST/DATABASE?schema=NAME, where the rest after ? is for the connection, as PostgreSQL's own
// library reads it. password is used where the address has none. The error says what to write, and holds no secret.
func Parse(address, password string) (Config, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return Config{}, errors.New("write postgres://USER@HOST/DATABASE?schema=NAME, and the password as the sink's secret")
	}
	query := u.Query()
	c := Config{Schema: "tamer"}
	if query.Has("schema") {
		c.Schema = query.Get("schema")
	}
	if !schemaName.MatchString(c.Schema) || len(query["schema"]) > 1 {
		return Config{}, fmt.Errorf("the schema %q: write one name of at most 63 letters, digits, dots, dashes and underscores", c.Schema)
	}
	query.Del("schema")
	u.RawQuery = query.Encode()
	if c.pool, err = pgxpool.ParseConfig(u.String()); err != nil {
		return Config{}, errors.New("the address cannot be read: write postgres://USER@HOST/DATABASE?schema=NAME, with % before what is special in a password")
	}
	c.pool.ConnConfig.MaxProtocolMessageBodyLen = 2*sink.MaxObject + 1<<20 // a row, whose bytes may come in hex
	c.pool.MaxConnIdleTime = time.Minute                                   // there may be as many sinks as repositories
	if c.pool.ConnConfig.ConnectTimeout == 0 {
		c.pool.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	if c.pool.ConnConfig.Password == "" {
		c.pool.ConnConfig.Password = password
	}
	return c, nil
}
