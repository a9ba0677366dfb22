package mirror

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxObject bounds one file or tree that is read, in bytes. What is larger is no configuration.
const maxObject = 128 << 20

// A batch is one git process that answers questions about objects, one after the other. It is used by one at a time;
// kill and close are safe at any time.
type batch struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
	said *tail
	end  func() // waits for the process, once
}

func startBatch(g git) (*batch, error) {
	cmd := exec.Command(g.bin, slices.Concat(g.flags, []string{"cat-file", "--batch-command"})...)
	said := &tail{}
	cmd.Dir, cmd.Env, cmd.Stderr = g.dir, g.env, said
	ownGroup(cmd)
	cmd.Cancel = nil // there is no context: kill ends it
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("run git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("run git cat-file: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("run git cat-file: %w", err)
	}
	b := &batch{cmd: cmd, in: in, out: bufio.NewReaderSize(out, 64<<10), said: said}
	b.end = sync.OnceFunc(func() { _ = cmd.Wait() })
	return b, nil
}

// kill ends the process at once; who reads from it gets an error.
func (b *batch) kill() { _ = b.cmd.Process.Kill() }

// close ends the process and waits until it is gone.
func (b *batch) close() {
	b.kill()
	b.end()
}

// ask puts one question. After an absent or a tooLarge the process still answers; after any other error it is of no use.
func (b *batch) ask(verb, name string) (object, error) {
	if _, err := fmt.Fprintf(b.in, "%s %s\n", verb, name); err != nil {
		return object{}, b.died(err)
	}
	line, err := b.out.ReadSlice('\n')
	if err != nil {
		return object{}, b.died(err)
	}
	o, err := parseAnswer(string(line), name)
	if err != nil || verb != "contents" {
		return o, err
	}
	if o.size > maxObject {
		if _, err := io.CopyN(io.Discard, b.out, o.size+1); err != nil {
			return o, b.died(err)
		}
		return o, tooLarge{o.size}
	}
	o.data = make([]byte, o.size+1) // and a line feed
	if _, err := io.ReadFull(b.out, o.data); err != nil {
		return o, b.died(err)
	}
	o.data = o.data[:o.size:o.size]
	return o, nil
}

// parseAnswer reads "<id> <type> <size>" or "<name> missing".
func parseAnswer(line, name string) (object, error) {
	line = strings.TrimSuffix(line, "\n")
	if line == name+" missing" {
		return object{}, absent(name)
	}
	f := strings.Split(line, " ")
	if len(f) != 3 || valid(f[0]) != nil {
		return object{}, fmt.Errorf("git cat-file answered %q about %s", line, name)
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || size < 0 {
		return object{}, fmt.Errorf("git cat-file answered %q about %s", line, name)
	}
	return object{id: f[0], kind: f[1], size: size}, nil
}

// died is the error of a process that does not answer, in its own last words if it has some.
func (b *batch) died(err error) error {
	b.close()
	if text := b.said.String(); text != "" {
		return &gitError{verb: "cat-file", code: b.cmd.ProcessState.ExitCode(), text: text}
	}
	return fmt.Errorf("git cat-file ended: %w", err)
}

// A tooLarge is an object that is not read because of its size in bytes.
type tooLarge struct{ size int64 }

func (t tooLarge) Error() string {
	return fmt.Sprintf("%d bytes: more than %d are not read", t.size, int64(maxObject))
}

// stillAnswers tells whether the process goes on after err.
func stillAnswers(err error) bool {
	var t tooLarge
	return err == nil || isAbsent(err) || errors.As(err, &t)
}
