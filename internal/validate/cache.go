package validate

// A Key names an entry of a Cache: a digest of all that the entry rests on.
type Key = [32]byte

// A Cache keeps what judging has found out, so that unchanged files need not be read again. It may lose anything at any
// time, and give back something damaged: then it is found out anew. It must be safe for concurrent use.
type Cache interface {
	// Get gives the entries that are there. Their values are not changed.
	Get(keys []Key) map[Key][]byte
	Put(entries map[Key][]byte)
}
