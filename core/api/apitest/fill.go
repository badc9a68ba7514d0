package apitest

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/stint-pim/stint/core"
)

// Fill returns a T in which every field has a value of its own, so that a
// field lost on the way, or put into another's place, shows. Fields that never
// travel (json:"-") stay empty.
func Fill[T any]() T {
	var v T
	f := &filler{}
	f.fill(reflect.ValueOf(&v).Elem())
	return v
}

// FillLike returns a filled value of v's type.
func FillLike[T any](v T) T {
	p := reflect.New(reflect.TypeOf(v))
	(&filler{}).fill(p.Elem())
	return p.Elem().Interface().(T)
}

type filler struct{ n int }

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 23, 9, 45, f.n%60, f.n*1000, time.UTC)))
		return
	case core.Secret:
		v.Set(reflect.ValueOf(core.NewSecret(fmt.Sprintf("hush-%d", f.n))))
		return
	case core.Duration:
		v.Set(reflect.ValueOf(core.Duration(time.Duration(f.n) * time.Second)))
		return
	case core.Hash:
		v.Set(reflect.ValueOf(core.Hash{byte(f.n), byte(f.n >> 8), 31: 1}))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("t%d “ü” <&>", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(f.n%400 + 1)) // a valid limit of a page
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(v.Index(0))
		f.fill(v.Index(1))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.fill(key)
		f.fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.IsExported() && !strings.HasPrefix(field.Tag.Get("json"), "-") {
				f.fill(v.Field(i))
			}
		}
	case reflect.Uint8:
		v.SetUint(uint64(f.n % 250))
	default:
		panic(fmt.Sprintf("apitest: nothing to fill a %s with", v.Type()))
	}
}
