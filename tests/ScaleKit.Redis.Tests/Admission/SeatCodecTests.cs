using System.Buffers.Binary;
using System.Globalization;
using ScaleKit.Admission;

namespace ScaleKit.Redis.Tests.Admission;

public sealed class SeatCodecTests
{
    [Fact]
    public void Write_MoreRoomsThanTwoBytesNumber_NumbersEach()
    {
        var held = Enumerable.Range(0, 70_000).Select(i => new SeatAction(SeatActionKind.Hold, i.ToString(CultureInfo.InvariantCulture)) { Seats = 1 }).ToArray();
        var step = new SeatStep { Kind = SeatStepKind.Join, Node = "a---------------", Lease = TimeSpan.FromSeconds(1), Actions = held };

        var bytes = SeatCodec.Write(step);

        Assert.Equal(70_000, BinaryPrimitives.ReadInt32LittleEndian(bytes));
        Assert.Equal(69_999, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(bytes.Length - 12)));
    }
}
