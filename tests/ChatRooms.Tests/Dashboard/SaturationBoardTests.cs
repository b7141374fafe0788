namespace ChatRooms.Tests;

public sealed class SaturationBoardTests
{
    [Theory]
    [InlineData(9, 10, "90 % of the cap")]
    [InlineData(3, 0, "none may be given")]
    public void Share_NodesPartOfACap_IsToldAlsoWhereItIsNone(int taken, int cap, string expected) =>
        Assert.Equal(expected, SaturationBoard.Share(taken, cap));
}
