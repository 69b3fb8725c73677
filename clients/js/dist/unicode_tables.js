// What Unicode 18.0 says, by the tables of the crate: `COUNTERSIGN_BLESS=1 cargo test exported`.
// Each range is the gap before it and, after a dot, how many more than one it has, in base 36.
/** What no text may hold: categories C*, Zl and Zp, less the two joiners. */
export const UNFIT = "0.v 2n.w d ju.1 6.3 7 1 k b1 12 1k 1l.5 r.3 6.g m 5c 1c.1 1n.1 2t.d 1n.1 1d.1 f s.1 1 b.4 w.6 23 4h 8.1 2.1 " +
    "m 7 1.2 4.1 9.1 2.1 4.7 1.3 2 5.1 p.1 3 6.3 2.1 m 7 2 2 2.1 1 5.3 2.1 3.2 1.6 4 1.6 h.9 3 9 3 m 7 2 5.1 a 3 " +
    "3.1 1.e 4.1 c.6 7 3 8.1 2.1 m 7 2 5.1 9.1 2.1 3.4 5.3 2 5.1 i.9 2 6.2 3 4.2 2 1 2.2 2.2 3.2 c.3 5.2 3 4.1 " +
    "1.5 1.d l.4 d 3 n g.1 9 3 4.6 2 3 2.1 4.1 a.6 m 3 n a 5.1 9 3 4.6 2.4 3 4.1 a 3.b d 3 1f 3 6.3 g.1 q 3 i.2 " +
    "o 9 1.1 7.2 1.3 6 1 8.5 a.1 3.b 1m.3 t.10 2 1 5 o 1 n.1 5 1 7 a.1 4.v 20 10.3 13 10 f d.10 5i 1.4 1.1 ah " +
    "4.1 7 1 4.1 15 4.1 x 4.1 7 1 4.1 f 1l 4.1 1v.1 w.2 q.5 2e.1 6.1 il.2 2h.6 m.8 o.8 k.b d 3 2.b 2m.1 a.5 a.5 " +
    "e b.5 2h.6 17.4 1y.9 v c.3 c.3 1.2 16.1 5.a 18.3 q.5 b.2 1q.1 1t t.1 b.5 a.5 e.1 1t.e 25 4m.7 1o.2 f.2 1q.4 " +
    "17.1 b.7 17.4 eu.1 6.1 12.1 6.1 8 1 1 1 v.1 1h f e.1 6 j.1 3 9 b 2.1 o.6 1d.f 2.1 29.a x.e 3w.3 ii.l b.k " +
    "1ec.1 am.4 19 1.4 1.1 1k.6 2.d o.8 7 7 7 7 7 7 7 7 3i.1 4.r q 2h.b 5y.p 28 2e.1 2v.4 17 2m 2e.8 1c mlp.2 " +
    "1j.8 9o.j 54.7 66.3 1.d 1o.2 a.5 1k.7 1y.7 c.5 38.a u.2 26 b.3 x 1j.8 e.1 a.1 2v.n s.9 6.1 6.1 6.8 7 7 1q.1 " +
    "3i.1 a.5 8mc.b n.3 1d.3 1kw.4xr a6.1 2y.11 7.b 5.4 q 5 1 2 2 i2.v 16.5 1f j 4.3 5 3r.3 5a.2 6.1 6.1 6.1 3.2 " +
    "7 7.c 2.1 c q j 2 f.1 e.x 3f.4 3.3 19.2 2g d.2 1.1a 1a.3l t.2 1d.e s.3 10.8 u.4 17.4 u 11.3 e.15 4e.1 a.5 " +
    "10.3 10.3 14.7 1g.a c f 7 2 b f 7 2.2 1g.b 8n.8 m.9 8.n 6 16 e.1r 6.1 1 18 2.2 1.1 n 20.7 9.1b j 2.4 x.2 " +
    "r.4 r.11 1k.3 k.1 1e 2.4 8 3 t.1 3.3 a.6 9.6 1s.v 13.3 c.8 1i.2 t.1 r.4 q.6 4.b 7.27 21.1i 1f.c 1f.6 1a.7 " +
    "a.5 12.2 t.7 2.5r v 16 3.1 2.f 6 12 1k.7 16.l q.11 s.j n.8 26.3 10.8 1q 5.c p.6 a.5 1h i.7 13.8 2o k.a i " +
    "1b.1p 7 1 4 f b.5 1n.4 a.5 4 8.1 2.1 m 7 2 5 a.1 2.1 3.1 1.5 1.4 7.1 7.2 5.a a 1.1 1 12 a 1.1 1 4 a 2.7 2.s " +
    "2k 5.t 20.7 a.4l 1i.1 12.x 1x.a a.5 d.i 1m.5 a.5 k.r r.1 f.3 n.54 1o.2r 2b.b 8.1 1.1 8 2 u 2.1 c.8 a.1x 8.1 " +
    "1a.1 b.q 20.7 2b.c 21.6 b.2c 8.2f y.d a.5 9 19 e.9 t.2 w.1 m e.20 7 2 18.2 1 2 9.7 a.5 6 2 11 2 6.6 a.5 " +
    "18.3 a.5 2.6l p.6 h 15.2 t.2c 1.e 1e.c pn.2t 90.b 8n.1s8 2r.c ts.f m.9 32z.4 g7.5a0 1m.1c5 ft.6 v a.3 29 " +
    "a.5 u.1 6.9 1y.9 a 7 l.4 j.bz 1m.5h 2j.4 p.1 p.17 23.3 1l.6 h.1r 5.a 7.8 5p7.z y.2m 37.c pe.d 1f.5y4 4 7 2 " +
    "89.8 1.s 3.1 1.d 5.6 b0.1s3 2z.4 d.2 9.6 a.1 4.31b 71.2 c4.5 n 3.7 x.1 1a.1 n.8 38.1n 6u.9 37.7 5n.9 1e.1p " +
    "k.b k.b 2f.8 p.3q 2d 1z 2.1 1.1 2.1 4 c 1 7 1t 4.1 8 7 s 4 5 1.2 7 9h 84.1 ji.e 5 f.27 t.rm 3m.d 7.1h 1m " +
    "h.1 7 2 5.4 1q.w 1.33 19.2 e.1 a.3 2.8v v.g 1m.4 1.cv 16.5x 17.3 1.5b v m.7 2.67 7 4 2 f 5h.1 g.14 24.3 a.3 " +
    "2.ls 1w.23 1p.5d 4 r 2 1.1 1 a 4 1 1.5 1.3 1 1 1 3 2 1.1 1 1 1 1 1 2 1.1 4 7 4 4 1 a h.4 3 5 h.1f 2.7h 18.3 " +
    "2s.b f.1 f f 11.9 4v.1i t.c 18.3 9.6 2.d 6.49 re.1 h.2 d.2 64.3 c.3 s.3 1k.7 a.5 14.7 u.1 c.3 2.d 9.12 9k.7 " +
    "e.1 d.2 1z 1.2 i d.2 c.4 43 2v.sk wyo.v 3dr 4ge.1 5rl.e ha.1wh f2.15t 3t7.4 6ju.upx 8qo.e2m7 6o.47bj";
/** Categories M*. */
export const MARKS = "lc.33 7n.6 7b.18 1 1.1 1.1 1.2 1y.a 1c.k g 2t.6 2.5 2.1 1.3 z u.q 2j.a 1m.8 9 o.3 1.8 1.2 1.4 17.2 1n.8 " +
    "16.n 1.w 1i.2 1.h 1.6 a.1 t.2 1k 1.6 2.1 2.2 9 a.1 q 2.2 1k 1.4 4.1 2.2 3 u.1 3 b.2 1k 1.7 1.2 1.2 k.1 m.5 " +
    "1.2 1k 1.6 2.1 2.2 5.4 a.1 u 1n.4 3.2 1.3 9 14.4 1j 1.6 1.2 1.3 7.1 b.1 t.2 1k 1.6 1.2 1.3 7.1 b.1 f c.3 " +
    "1j.1 1.6 1.2 1.3 9 a.1 t.2 1y 4.5 1 1.7 i.1 1p 2.6 c.7 2q 2.8 b.6 21.1 r 1 1 4.1 1d.j 1.1 5.a 1.z 9 2s.j " +
    "n.3 4.2 1.2 2.6 3.3 d.b 1 a.3 jj.2 qa.3 s.2 t.1 u.1 1s.v 9 19.2 1 39.1 y 3a.b 4.b 63.4 1l.9 1.s 2 1c.1s f.4 " +
    "1b.g 12.8 c.2 u.c 1k.d 1c.j 48.2 1.k 4 6 2.2 5i.1r k0.w 2da.2 3x 2o.v fe.5 2x.1 n9w.3 1.9 w.1 28.1 7k 3 4 " +
    "n.4 4 2b.1 1e.h q.h d 12.7 p.c 18.3 1b.d 10 1v.d c 8.1 19.2 1e 1.2 2.1 5.1 1 15.4 5.1 6k.7 1.1 fn4 kh.f g.f " +
    "r1 6a 45.4 1ae.2 1.1 5.3 14.2 4 4l.1 fx.3 1t.4 8t.1 u.4 w.f 1y.a 1d.3 3e.2 1h.e 15 2.1 a.3 19.a 7 1p.2 10.d " +
    "g.1 18 c.2 1c.d 8.3 1.1 2k.b 6 2 4d.b l.3 1j.1 1.6 2.1 2.2 9 a.1 2.6 3.4 1v.8 1 2 1.3 1.4 1 e.1 2a.h n 29.j " +
    "6j.6 2.8 r.1 2a.g 2y.c 2t.e 74.e 6t.5 1.1 2.3 1 1.1 3x.6 2.6 3 s.9 14.6 1.3 8 9.a 1a.f 5i.7 5j.7 1.7 2a.l " +
    "1.d 3e.5 3 1.1 1.6 1 1u.4 1.1 1.4 2g 76.3 9.1 1 1c.6 3.4 n 44l 6.e 8ug.h 1xc.4 1n.6 t4 1.1i 7.3 29 b.1 " +
    "f57.1 3mp.19 2.m dc.1 1o.4 3.5 8.7 2.6 u.3 44.2 b.2 8.1 2 w.1 1ha.1i 4.1d 8 e m.4 1.e 11s.6 1.g 2.6 1.1 1.4 " +
    "2s 4g.6 af 1p.3 e4.3 72.1 6r 2 7.1 5 d6.6 31.6 gzhx.6n";
/** Letters, marks and symbols that show nothing. */
export const INVISIBLE = "nj 2rz.1 18z.1 2d.2 1 35c 1ur 14ez.f b4 ae8.1 bs1 j90 h486.6n";
/** What nobody sees, wherever it stands. */
export const UNSEEN = "4t ip jw 282.1 18z.1 2d.4 1kr.4 q.4 1d.4 1.9 1hs 1ur 14ez.f 6n 4g 2g.2 ab8.f 1.1 bs1 f5n.3 439 p.7 h406 " +
    "u.2n 3k.6n";
/** Category Pd. */
export const DASHES = "19 124 1f 2td sl 1l5.5 2rl 2 v.1 4 s ce j 33 14ls.1 11 a 4p 2u8 8u";
/** The zeros of each script's ten digits. */
export const ZEROS = "1c 17z 3z 5r bp 3j 3j 3j 3j 3j 3j 3j 3j 3j 2x 3j 27 7z 27 1fz 1b 8l 3t 4v f 5b 2n 3z f r7z j3 1b 5r v 2n bj " +
    "gf3 13j 1ov f md 3t 1x 49 7z 9r 3j an 33 f 9 2d bz 33 in 2n 73 27 1r a7 d0f 1tb 2n 3z f3 iv3 259 9 9 9 9 " +
    "1u1 bz e7 74 ny 3of";
/** After which either joiner may stand. */
export const VIRAMAS = "1u5 3j 3j 3j 3j 3j 3j 3j 31.1 g 3g 33 3j 5l 50.1 1cp.1 u 4d i5 6b 2t.1 1y.1 3gr o7a 11 47 3y 30 8l 6u imp " +
    "16u 15 e 1l 3d.1 3v 38 50 2q 3k.2 35 3j 70 3j 3a 38 7h 77.1 4h 2b i 29 bp 78.1 29 bt.1 d0s";
/** Letters that join to the one after them. */
export const JOINS_NEXT = "17k 5 1 1.4 4.c 1.6 1.1 z.1 8.f i.11 1.1 9 1 1.1 14.2 2 i.2 5.3 1.8 1 1 1.1 v.a 3.e 2.3 1 2.2 2.5 22.w 2e.4 " +
    "2 1.9 1 a 1.3 2 t 2.4 1 g.9 5.1 2.5 1.e 30e o.2g e.x 1 sd1.1e jf1.4 8 5.9 1.2 a.3 41 1 3.2 1.1 1 2 s.1 9d.x " +
    "1 bj.1 1.1 h.l 1t.2 1.g c.2 s.3 2.b 1a 1.1 4 2.1 1.1 1 2 5.1 16wk.1v";
/** Letters that join to the one before them. */
export const JOINS_PREVIOUS = "17k 1.t 1.9 z.1 1.2 1.2m 1 o.1 a.2 2 g 1.t t.1e 22.w 2d.o 7 1.3 1.3 5.i 3 2.6 g.c 1.q 30e o.2g e.x 1 sd1.1d " +
    "jf2.5 1 1.1 3.8 1.9 2 6.4 40.h n.5 9e.y bi.2 1.1 2w.k c.3 r.h 1a 1.4 1.7 1.3 4.1 16wl.1v";
/** Marks through which letters join. */
export const TRANSPARENT = "lc.33 7n.6 7b.18 1 1.1 1.1 1.2 1y.a 1c.k g 2t.6 2.5 2.1 1.3 z u.q 2j.a 1m.8 9 o.3 1.8 1.2 1.4 17.2 1n.8 " +
    "16.n 1.v 1j 1 4.7 4 3.6 a.1 t 1m 4.3 8 k.1 q 2.1 1l 4.1 4.1 2.2 3 u.1 3 b.1 1l 4.4 1.1 4 k.1 m.5 1 1m 2 1.3 " +
    "8 5.3 b.1 u 1p c 1e 3 1j 1.2 5.2 1.3 7.1 b.1 t 1m 2 6 5.1 k.1 s.1 1l.1 4.3 8 k.1 t 20 7.2 1 2i 2.6 c.7 2q " +
    "2.8 b.6 21.1 r 1 1 1j.d 1.4 1.1 5.a 1.z 9 2u.3 1.5 1.1 2.1 p.1 4.2 g.3 d 2.1 6 f jj.2 qa.2 t.1 u.1 u.1 1s.1 " +
    "1.6 8 2.a 9 19.2 1 39.1 y 3a.2 4.1 9 6.2 63.1 2 1m 1.6 1 1 2.7 6.9 2 1c.1s f.3 1c 1.4 1 5 14.8 c.1 w.3 2.1 " +
    "1.2 1k 1.1 3 1.2 1m.7 2.1 48.2 1.c 1.6 4 6 3.1 5i.1r k0.w 2da.2 3x 2o.v fe.3 2z.1 n9w.3 1.9 w.1 28.1 7k 3 4 " +
    "p.1 5 47.1 q.h d 12.7 p.a 1a.2 1c 2.3 2.1 13 1v.5 2.1 2.1 c 8 1b 1f 1.2 2.1 5.1 1 16.1 8 6m 2 4 fn4 kh.f " +
    "g.f r1 6a 45.4 1ae.2 1.1 5.3 14.2 4 4l.1 fx.3 1t.4 8t.1 u.4 w.f 1y.a 1d.3 3f 1i.e 15 2.1 a.2 1d.3 2.1 7 " +
    "1p.2 10.4 1.7 1q c.1 1g.8 a.3 2 2n.2 2 1.1 6 2 4d 3.7 l.1 1l.1 3 11.6 3.4 1y.5 d 1 1 e.1 2d.7 2.2 1 n 2c.5 " +
    "1 4.1 1.1 6m.3 6.1 1.1 r.1 2d.7 2 1.1 2y 1 2.5 1 2t 1 2.3 1.4 77.8 1.1 74.1 1 4 40.3 2.1 4 w.9 14.5 2.3 8 " +
    "9.5 2.2 1a.c 1.1 5i 1.2 1 5l.6 1.5 1 2a.l 2.6 1.1 1.1 3e.5 3 1.1 1.6 1 20.1 3 1 2g 76.1 b.1 1g.4 5 1 n 44l " +
    "6.e 8ug.b 3.2 1xc.4 1n.6 t4 1r.3 29 f5k.1 3mp.19 2.m dc.1 1q.2 h.7 2.6 u.3 44.2 m.1 1ib.1i 4.1d 8 e m.4 1.e " +
    "11s.6 1.g 2.6 1.1 1.4 2s 4g.6 af 1p.3 e4.3 72.1 6r 2 7.1 5 d6.6 31.7 gzhw.6n";
