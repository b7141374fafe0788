namespace ScaleKit.Migration.Tests.ModelChecking;

/// <summary>The judge is judged: what it must refuse, and what it must let pass.</summary>
public sealed class RegisterMonitorTests
{
    private readonly RegisterMonitor _monitor = new(1);

    [Fact]
    public void Return_StaleReadAfterAcknowledgedWrite_Refused()
    {
        Assert.True(Do(Op.Put(2), 0));
        Assert.False(Do(Op.Get, 1));
    }

    [Fact]
    public void Return_LostWrite_Refused()
    {
        Assert.True(Do(Op.Delete, 1));
        Assert.False(Do(Op.Get, 1));
    }

    [Fact]
    public void Return_ReadsWhileAWriteIsOnItsWay_EitherValueButNeverBack()
    {
        var write = _monitor.Invoke(Op.Put(2));
        Assert.True(Do(Op.Get, 1));
        Assert.True(Do(Op.Get, 2));
        Assert.False(_monitor.Copy().Return(_monitor.Invoke(Op.Get), 1));
        Assert.True(_monitor.Return(write, 0));
    }

    [Fact]
    public void Return_WriteOfUnknownOutcome_MayAppearLaterOrNever()
    {
        _monitor.Invoke(Op.Put(2));
        Assert.True(Do(Op.Get, 1));
        Assert.True(Do(Op.Put(3), 0));
        var never = _monitor.Copy();
        Assert.True(never.Return(never.Invoke(Op.Get), 3));
        Assert.True(Do(Op.Get, 2));
        Assert.False(Do(Op.Get, 3));
    }

    [Fact]
    public void Return_UpdateAgainstPut_OnlyTheTwoOrders()
    {
        var put = _monitor.Invoke(Op.Put(2));
        var update = _monitor.Invoke(Op.Update);
        var (before, after, torn) = (_monitor.Copy(), _monitor.Copy(), _monitor.Copy());

        Assert.True(before.Return(update, Op.Changed(1)) && before.Return(put, 0) && before.Return(before.Invoke(Op.Get), 2));
        Assert.True(after.Return(put, 0) && after.Return(update, Op.Changed(2)) && after.Return(after.Invoke(Op.Get), Op.Changed(2)));
        Assert.False(torn.Return(put, 0) && torn.Return(update, Op.Changed(1)) && torn.Return(torn.Invoke(Op.Get), Op.Changed(2)));
    }

    [Fact]
    public void Return_DeleteOfNothing_SaysSo()
    {
        Assert.True(Do(Op.Delete, 1));
        Assert.True(Do(Op.Delete, 0));
        Assert.False(Do(Op.Delete, 1));
    }

    [Fact]
    public void Hash_SameFutures_SameHash()
    {
        var other = _monitor.Copy();
        Assert.True(Do(Op.Put(2), 0) && Do(Op.Get, 2));
        Assert.NotEqual(other.Hash(), _monitor.Hash());
        Assert.True(other.Return(other.Invoke(Op.Put(2)), 0));
        Assert.Equal(other.Hash(), _monitor.Hash());
    }

    private bool Do(Op op, long answer) => _monitor.Return(_monitor.Invoke(op), answer);
}
