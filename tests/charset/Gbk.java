import java.io.BufferedWriter;
import java.io.DataOutputStream;
import java.io.BufferedOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.util.Scanner;

/**
 * What Java's "GBK" does, both directions, with every error reported.
 *
 *   java Gbk.java table          everything, as 32-bit big-endian numbers:
 *                                for each code point but the surrogates its bytes as a number, or -1;
 *                                then for each single byte and each pair of bytes what it reads as:
 *                                a code point, 0x80000000 | first << 16 | second for two characters,
 *                                or ~offset of the first byte that is refused
 *   java Gbk.java differences    reads the other table's pairs from standard input, one "CODE CODEPOINT" a line in hex,
 *                                and prints, as runs of Rust, where Java differs
 */
public class Gbk {
    static final Charset GBK = Charset.forName("GBK");
    static final CharsetEncoder ENCODER = GBK.newEncoder()
        .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);
    static final CharsetDecoder DECODER = GBK.newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT).onUnmappableCharacter(CodingErrorAction.REPORT);

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("table")) {
            table();
        } else {
            differences();
        }
    }

    static void table() throws Exception {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16))) {
            for (int point = 0; point <= 0x10FFFF; point++) {
                if (point < 0xD800 || point > 0xDFFF) {
                    out.writeInt(encode(point));
                }
            }
            for (int first = 0; first < 0x100; first++) {
                out.writeInt(decode(new byte[] {(byte) first}));
            }
            for (int pair = 0; pair < 0x10000; pair++) {
                out.writeInt(decode(new byte[] {(byte) (pair >> 8), (byte) pair}));
            }
        }
    }

    static int encode(int point) {
        ByteBuffer out = ByteBuffer.allocate(8);
        ENCODER.reset();
        CoderResult result = ENCODER.encode(CharBuffer.wrap(Character.toChars(point)), out, true);
        if (result.isError()) {
            return -1;
        }
        int bytes = 0;
        for (int i = 0; i < out.position(); i++) {
            bytes = bytes << 8 | out.get(i) & 0xFF;
        }
        return bytes;
    }

    static int decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(8);
        DECODER.reset();
        CoderResult result = DECODER.decode(in, out, true);
        if (result.isError()) {
            return ~in.position();
        }
        out.flip();
        return out.length() == 1 ? out.get(0) : 0x80000000 | out.get(0) << 16 | out.get(1);
    }

    static void differences() {
        PrintWriter out = new PrintWriter(new BufferedWriter(new OutputStreamWriter(System.out)));
        Scanner in = new Scanner(System.in);
        int code = -2, point = -2, length = 0;
        while (in.hasNext()) {
            int pair = in.nextInt(16), other = in.nextInt(16);
            int java = decode(new byte[] {(byte) (pair >> 8), (byte) pair});
            if (java == other) {
                continue;
            }
            if (pair == code + length && java == point + length) {
                length++;
                continue;
            }
            print(out, code, point, length);
            code = pair;
            point = java;
            length = 1;
        }
        print(out, code, point, length);
        out.flush();
    }

    static void print(PrintWriter out, int code, int point, int length) {
        if (length > 0) {
            out.printf("    (0x%04X, 0x%04X, %d),%n", code, point, length);
        }
    }
}
