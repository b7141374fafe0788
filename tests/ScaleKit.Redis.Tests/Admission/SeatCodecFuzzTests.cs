using ScaleKit.TestKit;

namespace ScaleKit.Redis.Tests.Admission;

public sealed class SeatCodecFuzzTests
{
    [Fact]
    public void Read_SpoiltReplies_AreRefusedAsDocumentedAndCostLittle()
    {
        var fuzzer = new Fuzzer(Reply(answers: 0, grants: 0), Reply(answers: 3, grants: 2), Reply(answers: 1, grants: 60)) { Refusal = typeof(InvalidDataException) };

        var counts = fuzzer.Run(static bytes => SeatCodec.Read(bytes).Answers.Count >= 0);

        Assert.True(counts is { Read: > 0, Refused: > 0 }, counts.ToString());
    }

    private static byte[] Reply(byte answers, byte grants) =>
    [
        .. Enumerable.Range(0, 29).Select(static i => (byte)i), answers, 0, 0, 0, .. Enumerable.Range(0, answers * 14).Select(static i => (byte)(i % 14)),
        grants, 0, 0, 0, .. Enumerable.Range(0, grants * 16).Select(static i => (byte)i),
    ];
}
