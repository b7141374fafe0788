using ScaleKit.TestKit;

namespace ScaleKit.Caching.Tests;

/// <summary>Spoilt and random bytes as the answer of a store.</summary>
public sealed class EnvelopeFuzzTests
{
    private const int MaximumPayload = 16 * 1024;
    private const int Types = 4;

    private static readonly byte[][] Whole =
    [
        Envelopes.Of("Ann"),
        Envelopes.Of("Ann", ["rooms", "ä😀"]),
        Envelopes.Of<string>(null, ["rooms"]),
        Envelopes.Of(new byte[] { 1, 2, 3 }),
        Envelopes.Of(new Session("Ann", ["read", "write"]), ["rooms"]),
        Envelopes.Of(42),
        Envelopes.Of(new string('x', MaximumPayload - 1), isCompressed: true),
        Envelopes.Of(new Session(new string('a', 500), [.. Enumerable.Range(0, 100).Select(i => $"right {i}")]), ["rooms", "users"], isCompressed: true),
    ];

    [Fact]
    public void TryRead_SpoiltOrRandomBytes_AreMissesThatThrowNothingAndCostLittle()
    {
        const string name = "fuzz";
        using var log = new RecordedLog();
        using var measured = new Measurements(name);
        var codec = Envelopes.Codec(new TwoLevelCacheOptions { Name = name, MaximumPayloadBytes = MaximumPayload }, log);
        var unfit = 0;

        // What one input may cost: the value, its bytes, texts of two bytes a character, and an exception; for each type as which it is read.
        var fuzzer = new Fuzzer(Whole) { Allowance = Types * ((6 * MaximumPayload) + (64 * 1024)), BytesPerByte = 8 * Types };
        var counts = fuzzer.Run(Given, input =>
        {
            var isRead = input.Type == 0 ? ReadsAsAny(codec, input.Bytes) : Reads(codec, input.Bytes, input.Type);
            unfit += input.Fits ? 0 : 1;
            return !isRead || input.Fits ? isRead : throw new InvalidOperationException("read without a fitting checksum");
        });

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
        Assert.InRange(measured["scalekit.cache.rejections/corrupt"], unfit, long.MaxValue);
        Assert.InRange(log.Lines.Count, 1, 2);
    }

    /// <summary>One in eight gets a fitting checksum: the others end there.</summary>
    private static (byte[] Bytes, bool Fits, int Type) Given(byte[] bytes, Random random)
    {
        var isSealed = random.Next(8) == 1;
        return (isSealed ? Envelopes.Resealed(bytes) : bytes, isSealed || Whole.Any(whole => whole.AsSpan().SequenceEqual(bytes)), random.Next(Types + 1));
    }

    private static bool ReadsAsAny(EntryCodec codec, byte[] bytes)
    {
        var isRead = false;
        for (var type = 1; type <= Types; type++)
            isRead |= Reads(codec, bytes, type);
        return isRead;
    }

    private static bool Reads(EntryCodec codec, byte[] bytes, int type)
    {
        using var buffer = Envelopes.Buffer(bytes);
        return type switch
        {
            1 => codec.TryRead<string>(buffer, out var text, out _) && IsWithin(text?.Length ?? 0),
            2 => codec.TryRead<byte[]>(buffer, out var read, out _) && IsWithin(read?.Length ?? 0),
            3 => codec.TryRead<Session>(buffer, out _, out _),
            _ => codec.TryRead<int>(buffer, out _, out _),
        };
    }

    private static bool IsWithin(int length)
    {
        Assert.InRange(length, 0, MaximumPayload);
        return true;
    }
}
