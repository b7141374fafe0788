using System.Text;
using System.Text.Json;
using ScaleKit.TestKit;

namespace ChatRooms.Tests;

/// <summary>What a client may send.</summary>
public sealed class ClientFrameFuzzTests
{
    [Fact]
    public void Frame_SpoiltFrames_AreRefusedAsJsonAndCostLittle()
    {
        var fuzzer = new Fuzzer(
            """{"type":"join","session":"0123456789abcdefghijkl","room":"lobby"}"""u8.ToArray(),
            """{"type":"post","ref":"1","text":"Good morning \u00e4\ud83d\ude00"}"""u8.ToArray(),
            """{"type":"leave"}"""u8.ToArray())
        { Refusal = typeof(JsonException) };

        var counts = fuzzer.Run(static bytes =>
        {
            var frame = JsonSerializer.Deserialize(bytes, ChatJson.Default.ClientFrame);
            _ = TextRules.TryRef(frame?.Ref, out _) & TextRules.TryMessage(frame?.Text, out _, out _) & SessionToken.LooksRight(frame?.Session);
            return frame?.Type is not null;
        });

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    [Fact]
    public void Cursor_SpoiltCursors_AreRefusedOrInRange()
    {
        var counts = new Fuzzer("1"u8.ToArray(), "999999999999"u8.ToArray()) { Allowance = 0, BytesPerByte = 0 }.RunText(static text =>
            MessageKey.TryCursor(text, out var number) && (number is > 0 and <= MessageKey.End ? true : throw new InvalidOperationException("out of range")));

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    [Fact]
    public void Token_SpoiltTokens_AreRefusedOrHashed()
    {
        var counts = new Fuzzer(Encoding.ASCII.GetBytes(SessionToken.Create())) { Allowance = 1024 }.RunText(static text =>
            SessionToken.LooksRight(text) && SessionToken.HashOf(text).Length == 43);

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }
}
