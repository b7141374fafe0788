namespace ScaleKit.Admission.Tests;

public sealed class NameRulesTests
{
    // Not theory data: the runner would replace a lone surrogate before the test sees it.
    private static readonly (string Value, string Reason)[] Hostile =
    [
        (string.Empty, "must not be empty"),
        (new string('x', 257), "has 257 UTF-16 units; the limit is 256"),
        (new string('x', 1_000_000), "has 1000000 UTF-16 units"),
        ("line\nbreak", "control character"),
        ("nul\0", "control character"),
        ("del\u007f", "control character"),
        ("c1\u0085", "control character"),
        ("high\ud800", "lone surrogate"),
        ("\udc00low", "lone surrogate"),
    ];

    [Fact]
    public void Room_Hostile_IsRefusedWithAShortCleanMessage()
    {
        using var crowd = new Crowd();
        foreach (var (room, reason) in Hostile)
        {
            var exception = Assert.Throws<ArgumentException>(nameof(room), () => crowd.Queue.TryAdmit(room));

            Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
            Assert.InRange(exception.Message.Length, 1, 400);
            Assert.DoesNotContain(exception.Message, unit => char.IsControl(unit) || char.IsSurrogate(unit));
            Assert.Equal((0, 0, 0), crowd.Queue.Holdings);
        }
    }

    [Fact]
    public void ClientId_Hostile_IsRefusedAndTakesNoSeat()
    {
        using var crowd = new Crowd();
        foreach (var (clientId, reason) in Hostile)
        {
            var exception = Assert.Throws<ArgumentException>(nameof(clientId), () => crowd.Queue.Enter(new AdmissionRequest("a", clientId)));

            Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
            Assert.Equal(0, crowd.Queue.GetSnapshot().Seats);
        }
    }

    [Fact]
    public async Task Room_MissingAltogether_IsNamed()
    {
        using var crowd = new Crowd();

        _ = Assert.Throws<ArgumentNullException>("room", () => crowd.Queue.TryAdmit(null!));
        _ = await Assert.ThrowsAsync<ArgumentNullException>("room", async () => await crowd.Queue.AdmitAsync(default));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("../../etc/passwd")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("käse 部屋 🎉 \u202e")]
    public void Room_PlainTextOfAnyKind_IsTakenAsItIs(string room)
    {
        using var crowd = new Crowd();

        Assert.Equal(room, crowd.Sit(room, room).Room);
        Assert.Equal(room, Assert.Single(crowd.Queue.GetSnapshot().Rooms).Room);
    }

    [Fact]
    public void Room_DifferingInCaseOrComposition_IsAnotherRoom()
    {
        using var crowd = new Crowd(room: 1);
        foreach (var room in new[] { "room", "Room", "\u00e9", "e\u0301" })
        {
            _ = crowd.Sit(room);
        }

        Assert.Equal(4, crowd.Queue.GetSnapshot().ActiveRooms);
    }

    [Fact]
    public void Shown_LongOrStrangeValue_IsCutAndEscaped()
    {
        Assert.Equal(new string('x', 32) + "...", NameRules.Shown(new string('x', 33)));
        Assert.Equal("a\\u000A\\u0022\\uD800", NameRules.Shown("a\n\"\ud800"));
    }
}
