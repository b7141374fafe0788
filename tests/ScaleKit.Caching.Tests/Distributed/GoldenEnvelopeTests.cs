using System.Text;

namespace ScaleKit.Caching.Tests;

/// <summary>
/// Envelopes/*.hex are bytes as they lie in people's stores. These files never change: a new version of the package must read what an old one wrote, or a deployment
/// starts with an empty cache. A new format gets new files.
/// </summary>
public sealed class GoldenEnvelopeTests
{
    private static readonly string Verse = string.Concat(Enumerable.Repeat("Müde bin ich, geh zur Ruh. ", 20));

    private static readonly Dictionary<string, (Func<EntryCodec, PooledBuffer, object?> Read, object? Value, string[] Tags)> Expected = new()
    {
        ["format1-string"] = (Read<string>, "Ann", []),
        ["format1-string-tags"] = (Read<string>, "Ann", ["rooms", "ä😀"]),
        ["format1-string-utf16"] = (Read<string>, "lone \ud800", []),
        ["format1-null"] = (Read<string>, null, []),
        ["format1-null-tags"] = (Read<string>, null, ["rooms"]),
        ["format1-bytes"] = (Read<byte[]>, new byte[] { 0, 1, 2, 255 }, []),
        ["format1-bytes-empty"] = (Read<byte[]>, Array.Empty<byte>(), ["rooms"]),
        ["format1-json-tags"] = (ReadUser, "Ann, read, write", ["rooms"]),
        ["format2-string"] = (Read<string>, Verse, []),
        ["format2-string-tags"] = (Read<string>, Verse, ["rooms", "ä😀"]),
        ["format2-bytes"] = (Read<byte[]>, Encoding.UTF8.GetBytes(Verse), []),
        ["format2-json-tags"] = (ReadUser, "Ann, " + Verse, ["rooms"]),
    };

    public static TheoryData<string> Files() => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void TryDecode_EnvelopeOfAnyFormatSoFar_IsReadForEver(string file)
    {
        var (read, value, tags) = Expected[file];
        using var buffer = Envelopes.Buffer(BytesOf(file));
        var codec = Envelopes.Codec(new TwoLevelCacheOptions());

        Assert.True(codec.TryOpen(Envelopes.Key, buffer, Envelopes.Token, isConditional: true, out var opened), "These files never change.");
        Assert.Equal(tags, opened.Tags);
        Assert.Equal(Envelopes.Header.Position, opened.Header.Position);
        Assert.Equal(Envelopes.Header.CreatedAt, opened.Header.CreatedAt);
        Assert.Equal(value, read(codec, buffer));
    }

    [Fact]
    public void Files_OnDisk_AreTheOnesThatAreRead() => Assert.Equal(
        Expected.Keys.Order(StringComparer.Ordinal),
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Envelopes"), "*.hex").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    [Fact]
    public void TryOpen_EveryNewerFormat_IsAMiss()
    {
        using var measured = new Measurements("newer");
        var codec = Envelopes.Codec(new TwoLevelCacheOptions { Name = "newer" });
        for (var format = 3; format <= 255; format++)
        {
            var bytes = BytesOf("format1-string");
            bytes[2] = (byte)format;
            using var buffer = Envelopes.Buffer(Envelopes.Resealed(bytes));

            Assert.False(codec.TryRead<string>(buffer, out _, out _), $"format {format}");
        }

        Assert.Equal(253, measured["scalekit.cache.rejections/corrupt"]);
    }

    private static object? Read<T>(EntryCodec codec, PooledBuffer buffer)
    {
        Assert.True(codec.TryRead<T>(buffer, out var value, out _));
        return value;
    }

    private static string ReadUser(EntryCodec codec, PooledBuffer buffer)
    {
        var session = (Session)Read<Session>(codec, buffer)!;
        return $"{session.User}, {string.Join(", ", session.Rights)}";
    }

    private static byte[] BytesOf(string file) =>
        Convert.FromHexString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Envelopes", file + ".hex")).ReplaceLineEndings(""));
}
