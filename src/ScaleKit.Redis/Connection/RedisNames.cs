using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace ScaleKit.Redis;

/// <summary>
/// Makes the names of keys and channels: <c>prefix:area:{tag}suffix</c>. The tag comes from users. Everything in braces is what Redis
/// Cluster hashes, so all names of one tag and any suffix lie in one slot. Two different (area, tag, suffix) never have the same name.
/// A name is one allocation, its bytes.
/// </summary>
internal sealed class RedisNames
{
    // A longer tag is replaced by its SHA-256, so that a hostile key costs Redis no more than an honest one.
    private const int LongestTag = 256;

    // At most three bytes of UTF-8 for one unit of UTF-16, each written with three characters.
    private const int LongestEscaped = LongestTag * 9;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz|~");

    private readonly byte[] _prefix;

    public RedisNames(string prefix) => _prefix = Encoding.ASCII.GetBytes(prefix + ":");

    /// <summary>The area and the suffix are constants of ours in ASCII, without braces; the tag may be any text whatever.</summary>
    public RedisName Name(string area, ReadOnlySpan<char> tag, string suffix = "")
    {
        if (IsPlain(tag))
        {
            var name = Frame(area, tag.Length, suffix, out var inside);
            Encoding.ASCII.GetBytes(tag, inside);
            return new RedisName(name);
        }
        else
        {
            Span<byte> escaped = stackalloc byte[LongestEscaped];
            escaped = escaped[..Escape(tag, escaped)];
            var name = Frame(area, escaped.Length, suffix, out var inside);
            escaped.CopyTo(inside);
            return new RedisName(name);
        }
    }

    // Everything but the tag, for which it leaves room.
    private byte[] Frame(string area, int tagLength, string suffix, out Span<byte> tag)
    {
        var name = new byte[_prefix.Length + area.Length + tagLength + suffix.Length + 3];
        _prefix.CopyTo(name, 0);
        var at = _prefix.Length + Encoding.ASCII.GetBytes(area, name.AsSpan(_prefix.Length));
        ":{"u8.CopyTo(name.AsSpan(at));
        tag = name.AsSpan(at + 2, tagLength);
        at += 2 + tagLength;
        name[at++] = (byte)'}';
        Encoding.ASCII.GetBytes(suffix, name.AsSpan(at));
        return name;
    }

    private static bool IsPlain(ReadOnlySpan<char> tag) => tag.Length is > 0 and <= LongestTag && !tag.ContainsAnyExcept(Plain);

    // Percent and two hexadecimal digits stand for one byte of UTF-8; percent and anything else cannot come out of that, and so marks
    // what has no UTF-8 (a lone surrogate), what would be an empty hash tag, and what was hashed.
    private static int Escape(ReadOnlySpan<char> tag, Span<byte> escaped)
    {
        if (tag.IsEmpty)
        {
            "%-"u8.CopyTo(escaped);
            return 2;
        }

        if (tag.Length > LongestTag)
        {
            // Over the UTF-16 itself: UTF-8 would map all lone surrogates to one replacement character.
            "%h"u8.CopyTo(escaped);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(MemoryMarshal.AsBytes(tag), hash);
            Convert.TryToHexStringLower(hash, escaped[2..], out var written);
            return 2 + written;
        }

        var length = 0;
        Span<byte> utf8 = stackalloc byte[4];
        while (!tag.IsEmpty)
        {
            var taken = 1;
            if (Plain.Contains(tag[0]))
            {
                escaped[length++] = (byte)tag[0];
            }
            else if (Rune.DecodeFromUtf16(tag, out var rune, out taken) is OperationStatus.Done)
            {
                foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    escaped[length++] = (byte)'%';
                    value.TryFormat(escaped[length..], out var digits, "x2", null);
                    length += digits;
                }
            }
            else
            {
                "%u"u8.CopyTo(escaped[length..]);
                ((int)tag[0]).TryFormat(escaped[(length + 2)..], out var digits, "x4", null);
                length += 2 + digits;
            }

            tag = tag[taken..];
        }

        return length;
    }
}
