// Command screenshots makes pictures of pages small: it writes each PNG file anew, with the few colours that such a page has.
package main

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"slices"
)

func main() {
	for _, path := range os.Args[1:] {
		if err := shrink(path); err != nil {
			fmt.Fprintf(os.Stderr, "screenshots: %s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func shrink(path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	picture, err := png.Decode(in)
	if err != nil {
		return err
	}
	small := image.NewPaletted(picture.Bounds(), colours(picture))
	each(picture, func(x, y int) { small.Set(x, y, picture.At(x, y)) })
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(out, small); err != nil {
		return err
	}
	return out.Close()
}

// most is how many colours a picture has: sixteen take half a byte for each point.
const most = 16

// colours are the most frequent ones that can be told apart: the first few by little, for they are those of backgrounds.
func colours(picture image.Image) color.Palette {
	count := map[color.RGBA]int{}
	each(picture, func(x, y int) { count[color.RGBAModel.Convert(picture.At(x, y)).(color.RGBA)]++ })
	var chosen color.Palette
	for _, c := range slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int { return cmp.Compare(count[b], count[a]) }) {
		apart := 60
		if len(chosen) > 5 {
			apart = 1500
		}
		if len(chosen) < most && !slices.ContainsFunc(chosen, func(o color.Color) bool { return distance(o.(color.RGBA), c) < apart }) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// distance is the square of that between two colours.
func distance(a, b color.RGBA) int {
	d := func(x, y uint8) int { return (int(x) - int(y)) * (int(x) - int(y)) }
	return d(a.R, b.R) + d(a.G, b.G) + d(a.B, b.B)
}

func each(picture image.Image, do func(x, y int)) {
	b := picture.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			do(x, y)
		}
	}
}
