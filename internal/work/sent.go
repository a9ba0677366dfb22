package work

import "time"

// A Sent is one attempt of GitHub's to deliver a webhook.
type Sent struct {
	ID    int64     // of the attempt
	GUID  string    // of the delivery: X-GitHub-Delivery, which all attempts at it share
	Event string    // X-GitHub-Event
	At    time.Time // when it was sent
	OK    bool      // it was answered with 2xx
	Code  int       // HTTP status of the answer; 0 for none
}
