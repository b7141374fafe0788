using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScaleKit.Redis;

/// <summary>
/// Makes the names of keys and channels: <c>prefix:area:{tag}suffix</c>. The tag comes from users. Everything in braces is what Redis
/// Cluster hashes, so all names of one tag and any suffix lie in one slot. Two different (area, tag, suffix) never have the same name.
/// </summary>
internal sealed class RedisNames
{
    // A longer tag is replaced by its SHA-256, so that a hostile key costs Redis no more than an honest one.
    private const int LongestTag = 256;

    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz|~");

    private readonly string _prefix;

    public RedisNames(string prefix) => _prefix = prefix;

    /// <summary>The area and the suffix are constants of ours, without braces; the tag may be any text whatever.</summary>
    public RedisName Name(string area, ReadOnlySpan<char> tag, string suffix = "")
    {
        var text = IsPlain(tag) ? tag : Escape(tag);
        return new RedisName(Encoding.UTF8.GetBytes($"{_prefix}:{area}:{{{text}}}{suffix}"));
    }

    private static bool IsPlain(ReadOnlySpan<char> tag) => tag.Length is > 0 and <= LongestTag && !tag.ContainsAnyExcept(Plain);

    // Percent and two hexadecimal digits stand for one byte of UTF-8; percent and anything else cannot come out of that, and so marks
    // what has no UTF-8 (a lone surrogate), what would be an empty hash tag, and what was hashed.
    private static string Escape(ReadOnlySpan<char> tag)
    {
        if (tag.IsEmpty)
        {
            return "%-";
        }

        if (tag.Length > LongestTag)
        {
            // Over the UTF-16 itself: UTF-8 would map all lone surrogates to one replacement character.
            return "%h" + Convert.ToHexStringLower(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(tag)));
        }

        var text = new StringBuilder(tag.Length * 2);
        Span<byte> utf8 = stackalloc byte[4];
        while (!tag.IsEmpty)
        {
            if (Plain.Contains(tag[0]))
            {
                text.Append(tag[0]);
                tag = tag[1..];
            }
            else if (Rune.DecodeFromUtf16(tag, out var rune, out var length) is OperationStatus.Done)
            {
                foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                {
                    text.Append(CultureInfo.InvariantCulture, $"%{value:x2}");
                }

                tag = tag[length..];
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%u{(int)tag[0]:x4}");
                tag = tag[1..];
            }
        }

        return text.ToString();
    }
}
