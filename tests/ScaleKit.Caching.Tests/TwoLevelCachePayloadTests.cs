using System.IO.Compression;
using System.Text;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Caching.Hybrid;
using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

public sealed class TwoLevelCachePayloadTests
{
    private static readonly Session Long = new("Ann", [.. Enumerable.Range(0, 2000).Select(i => $"room {i}: read and write")]);
    private static readonly string Text = string.Concat(Enumerable.Repeat("Twinkle, twinkle, little star. ", 1000));
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task SetAsync_LongValue_LiesCompressedInTheStoreAndComesBack()
    {
        await using var cache = Cached.New(_store);
        await cache.SetAsync("session", Long);
        await cache.GetAsync("text", Text);

        Assert.InRange(_store.Values["default:session"].Length, 1, 20_000);
        Assert.InRange(_store.Values["default:text"].Length, 1, 1000);
        await using var other = Cached.New(_store);
        var session = (await other.TryGetAsync<Session>("session")).Value!;
        Assert.Equal((Long.User, string.Join(',', Long.Rights)), (session.User, string.Join(',', session.Rights)));
        Assert.Equal(Text, await other.GetAsync("text", ""));
    }

    [Fact]
    public async Task AnyRead_CompressedValue_IsUncompressedInMemoryAndCountedSo()
    {
        using var writer = new Measurements("packed");
        using var reader = new Measurements("packed");
        await using (var cache = Cached.New(_store, configure: o => o.Name = "packed"))
        {
            await cache.SetAsync("k", Long);
            Assert.InRange(writer.Observe()["scalekit.cache.size"], 50_000, 200_000);
        }

        await using var other = Cached.New(_store, configure: o => o.Name = "packed");
        Assert.True((await other.TryGetAsync<Session>("k")).IsFound);
        Assert.InRange(reader.Observe()["scalekit.cache.size"], 50_000, 200_000);

        _store.Values.Clear();
        Assert.Equal(Long.Rights, (await other.GetAsync("k", new Session("", []))).Rights);
    }

    [Theory]
    [InlineData(100_000, HybridCacheEntryFlags.None)]
    [InlineData(1, HybridCacheEntryFlags.DisableCompression)]
    [InlineData(int.MaxValue, HybridCacheEntryFlags.None)]
    public async Task SetAsync_BelowTheThresholdOrDisabled_LiesAsItIs(int threshold, HybridCacheEntryFlags flags)
    {
        await using var cache = Cached.New(_store, configure: o => o.CompressionThresholdBytes = threshold);

        await cache.SetAsync("k", Text, new() { Flags = flags });

        Assert.Equal(Text.Length + 1 + Envelope.FixedLength, _store.Values["default:k"].Length);
        await using var other = Cached.New(_store);
        Assert.Equal(Text, await other.GetAsync("k", ""));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SetAsync_ThresholdOfOne_ReadsEveryValueBack(int length)
    {
        await using var cache = Cached.New(_store, configure: o => o.CompressionThresholdBytes = 1);
        await cache.SetAsync("k", new byte[length]);
        await cache.SetAsync("null", (byte[]?)null);
        await cache.SetAsync("long", new byte[length * 1000]);

        await using var other = Cached.New(_store);
        Assert.Equal(new byte[length], await other.GetAsync("k", Array.Empty<byte>()));
        Assert.Equal(new byte[length * 1000], await other.GetAsync("long", Array.Empty<byte>()));
        var nothing = await other.TryGetAsync<byte[]>("null");
        Assert.True(nothing.IsFound);
        Assert.Null(nothing.Value);
    }

    [Fact]
    public async Task SetAsync_CompressibleValueOverTheLimit_IsNotCached()
    {
        await using var cache = Cached.New(_store, configure: o => o.MaximumPayloadBytes = 10_000);

        await cache.SetAsync("k", new byte[10_001]);

        Assert.Empty(_store.Values);
    }

    [Theory]
    [InlineData(64 * 1024 * 1024, 64 * 1024 * 1024, "oversized")]
    [InlineData(5000, int.MaxValue, "oversized")]
    [InlineData(5000, 4999, "corrupt")]
    [InlineData(5000, 5001, "corrupt")]
    [InlineData(5000, 0, "corrupt")]
    [InlineData(5000, -1, "corrupt")]
    public void TryOpen_BombOrWrongLength_IsAMissThatAllocatesLittle(int actual, int declared, string reason)
    {
        var compressed = new byte[1000];
        Assert.True(BrotliEncoder.TryCompress(new byte[actual], compressed, out var written, 5, 22));
        var name = $"bomb-{reason}-{declared}";
        using var log = new RecordedLog();
        using var measured = new Measurements(name);
        var codec = Envelopes.Codec(new TwoLevelCacheOptions { Name = name }, log);
        using var warm = Envelopes.Buffer(Envelopes.OfBytes([1]));
        Assert.True(codec.TryRead<byte[]>(warm, out _, out _));
        using var buffer = Envelopes.Buffer(Envelopes.OfBytes(compressed.AsSpan(0, written), declared));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(codec.TryRead<byte[]>(buffer, out _, out _));
        Assert.False(codec.TryRead<byte[]>(buffer, out _, out _));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Single(log.Lines);
        Assert.Equal(2, measured["scalekit.cache.rejections/" + reason]);
    }

    [Fact]
    public async Task GetOrCreateAsync_UncompressedPayloadOverTheLimit_IsAMiss()
    {
        using var measured = new Measurements("over");
        await using var cache = Cached.New(_store, configure: o => (o.Name, o.MaximumPayloadBytes) = ("over", 100));
        _store.Values["over:k"] = Envelopes.OfBytes(new byte[101], key: "k");

        Assert.Equal([7], await cache.GetAsync("k", new byte[] { 7 }));
        Assert.Equal(1, measured["scalekit.cache.rejections/oversized"]);

        // More than any envelope of a value within the bounds: not even copied.
        _store.Values["over:j"] = new byte[10_000_000];
        Assert.Equal([7], await cache.GetAsync("j", new byte[] { 7 }));
        Assert.Equal(2, measured["scalekit.cache.rejections/oversized"]);
        Assert.Equal(0, measured["scalekit.cache.rejections/corrupt"]);
    }

    [Fact]
    public void TryRead_JsonThatNamesAType_MakesTheTypeOfTheCallAndNoOther()
    {
        var type = typeof(Trap).AssemblyQualifiedName;
        var named = $$$"""{"$type":"{{{type}}}","User":"Ann","Rights":[],"Anything":{"$type":"{{{type}}}"}}""";
        var made = Trap.Made;
        var codec = Envelopes.Codec(new TwoLevelCacheOptions());
        using var buffer = Envelopes.Buffer(Envelopes.OfBytes(Encoding.UTF8.GetBytes(named)));

        Assert.True(codec.TryRead<Session>(buffer, out var session, out _));
        Assert.True(codec.TryRead<object>(buffer, out var anything, out _));
        Assert.True(codec.TryRead<Dictionary<string, object>>(buffer, out var members, out _));
        Assert.False(codec.TryRead<ITrap>(buffer, out _, out _));

        Assert.Equal((typeof(Session), "Ann"), (session.GetType(), session.User));
        Assert.IsType<System.Text.Json.JsonElement>(anything);
        Assert.IsType<System.Text.Json.JsonElement>(members["Anything"]);
        Assert.Equal(made, Trap.Made);
    }

    [Fact]
    public async Task SetAsync_ValueOfADerivedType_StoresNoTypeName()
    {
        await using var cache = Cached.New(_store);

        await cache.SetAsync<ITrap>("k", new Trap());

        Assert.DoesNotContain(nameof(Trap), Encoding.UTF8.GetString(_store.Values["default:k"]), StringComparison.Ordinal);
    }

    internal interface ITrap
    {
        int Number { get; }
    }

    internal sealed class Trap : ITrap
    {
        public static int Made;

        [JsonConstructor]
        public Trap() => Interlocked.Increment(ref Made);

        public int Number => 1;
    }
}
