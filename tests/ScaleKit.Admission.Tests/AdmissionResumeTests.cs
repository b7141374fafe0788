namespace ScaleKit.Admission.Tests;

/// <summary>A reconnecting visitor keeps its place.</summary>
public sealed class AdmissionResumeTests
{
    [Fact]
    public async Task ResumeToken_AfterTheConnectionBroke_GivesThePlaceBack()
    {
        using var crowd = new Crowd(room: 1);
        var seat = crowd.Sit("a");
        var (first, ann, last) = (crowd.Wait("a"), Enter(crowd, "ann"), crowd.Wait("a"));
        var token = ann.CreateResumeToken();
        ann.Waiter!.Leave();
        Assert.Equal(2, last.Position);

        var back = Enter(crowd, "ann", token);

        Assert.Equal((true, 1, 2, 3), (back.IsResumed, first.Position, back.Position, last.Position));
        await seat.DisposeAsync();
        await Crowd.Done(first).Lease!.DisposeAsync();
        Assert.True(Crowd.Done(back).IsAdmitted);
    }

    [Fact]
    public async Task ResumeToken_TurnHasPassedMeanwhile_IsNext()
    {
        using var crowd = new Crowd(room: 1);
        var seat = crowd.Sit("a");
        var ann = Enter(crowd, "ann");
        var token = ann.CreateResumeToken();
        var (second, third) = (crowd.Wait("a"), crowd.Wait("a"));
        ann.Waiter!.Leave();
        await seat.DisposeAsync();

        Assert.Equal((1, 2), (Enter(crowd, "ann", token).Position, third.Position));
        Assert.True(Crowd.Done(second).IsAdmitted);
    }

    /// <summary>Shown twice, shown while the first still waits, shown again after it was seated: one visitor stands there, the others are newcomers.</summary>
    [Fact]
    public async Task ResumeToken_ShownAgain_GivesOnePlace()
    {
        using var crowd = new Crowd(room: 1);
        var seat = crowd.Sit("a");
        var ann = Enter(crowd, "ann");
        var token = ann.CreateResumeToken();
        var last = crowd.Wait("a");
        Assert.False(Enter(crowd, "ann", token).IsResumed);

        ann.Waiter!.Leave();
        var back = Enter(crowd, "ann", token);
        Assert.True(back.IsResumed);
        Assert.False(Enter(crowd, "ann", token).IsResumed);

        await seat.DisposeAsync();
        Assert.True(Crowd.Done(back).IsAdmitted);
        Assert.False(Enter(crowd, "ann", token).IsResumed);
        Assert.Equal(1, last.Position);
    }

    [Fact]
    public void ResumeToken_OfAnotherClientRoomOrQueueOrTooOld_MakesANewcomer()
    {
        using var crowd = new Crowd(room: 1);
        using var other = new Crowd(room: 1);
        _ = (crowd.Sit("a"), crowd.Sit("b"), other.Sit("a"));
        var ann = Enter(crowd, "ann");
        var token = ann.CreateResumeToken();
        ann.Waiter!.Leave();

        Assert.False(Enter(crowd, "bob", token).IsResumed);
        Assert.False(crowd.Queue.Enter(new AdmissionRequest("b", "ann") { ResumeToken = token }).IsResumed);
        Assert.False(crowd.Queue.Enter(new AdmissionRequest("a") { ResumeToken = token }).IsResumed);
        Assert.False(Enter(other, "ann", token).IsResumed);
        crowd.Clock.Advance(new AdmissionOptions().ResumeLifetime - TimeSpan.FromTicks(1));
        var back = Enter(crowd, "ann", token);
        Assert.True(back.IsResumed);
        back.Waiter!.Leave();
        crowd.Clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(Enter(crowd, "ann", token).IsResumed);
    }

    [Fact]
    public void CreateResumeToken_NamelessOrNotInTheLine_IsNull()
    {
        using var crowd = new Crowd(room: 1);
        Assert.Null(crowd.Queue.Enter(new AdmissionRequest("a", "ann")).CreateResumeToken());
        Assert.Null(crowd.Wait("a").CreateResumeToken());
        var left = Enter(crowd, "ann");
        left.Waiter!.Leave();
        Assert.Null(left.CreateResumeToken());
    }

    /// <summary>100,000 tokens that are not genuine: changed in one character, cut, extended, or made up. None is taken and none throws.</summary>
    [Fact]
    public void TryRead_AnythingButTheTokenItself_IsRefused()
    {
        var tokens = new ResumeTokens();
        var genuine = tokens.Write(42, TimeSpan.FromDays(1), "a", "ann");
        Assert.True(tokens.TryRead(genuine, "a", "ann", TimeSpan.Zero, out var number, out _));
        Assert.Equal(42, number);
        Assert.False(tokens.TryRead(tokens.Write(42, TimeSpan.FromDays(1), "aa", "nn"), "a", "ann", TimeSpan.Zero, out _, out _));

        var random = new Random(6);
        for (var round = 0; round < 100_000; round++)
        {
            var text = genuine.ToCharArray();
            var at = random.Next(text.Length - 1);
            text[at] = (char)random.Next(round % 2 == 0 ? 128 : char.MaxValue);
            var forged = (round % 5) switch
            {
                0 => new string(text, 0, at),
                1 => new string(text) + (char)random.Next(128),
                2 => new string(text.Select(_ => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[random.Next(64)]).ToArray()),
                _ => new string(text),
            };
            Assert.True(string.Equals(forged, genuine, StringComparison.Ordinal) || !tokens.TryRead(forged, "a", "ann", TimeSpan.Zero, out _, out _), forged);
        }
    }

    [Fact]
    public void ResumeTokens_OfManyWhoCameAndWent_LeaveNothingBehind()
    {
        using var crowd = new Crowd(room: 1);
        _ = crowd.Sit("a");
        for (var round = 0; round < 1_000; round++)
        {
            var ticket = Enter(crowd, "ann");
            _ = ticket.CreateResumeToken();
            ticket.Waiter!.Leave();
        }

        Assert.Equal((0, 0, 0), (crowd.Queue.Holdings.Linked, crowd.Queue.Holdings.Deadlines, crowd.Queue.ResumablePlaces));
    }

    /// <summary>A place that was left by being seated is kept in mind as long as its token may be good, and no longer.</summary>
    [Fact]
    public async Task ResumeTokens_OfManyWhoWereSeated_AreForgottenWithTheirTime()
    {
        using var crowd = new Crowd(room: 1);
        var seat = crowd.Sit("a");
        for (var round = 0; round < 1_000; round++)
        {
            var ticket = Enter(crowd, "ann");
            _ = ticket.CreateResumeToken();
            await seat.DisposeAsync();
            seat = Crowd.Done(ticket).Lease!;
        }

        Assert.Equal(1_000, crowd.Queue.ResumablePlaces);
        crowd.Clock.Advance(new AdmissionOptions().ResumeLifetime);
        _ = Enter(crowd, "bob").CreateResumeToken();

        Assert.Equal(1, crowd.Queue.ResumablePlaces);
    }

    private static AdmissionTicket Enter(Crowd crowd, string client, string? token = null) =>
        crowd.Queue.Enter(new AdmissionRequest("a", client) { ResumeToken = token });
}
