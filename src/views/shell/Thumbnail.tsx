import { useEffect, useRef } from "react";
import { usePictures } from "../AppContext.tsx";

const SIZE = 72;

/** The first frame in small; an even field until it has been made. */
export function Thumbnail({ fileId }: { fileId: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pictures = usePictures();
  useEffect(() => {
    let live = true;
    pictures.thumbnail(fileId).then(
      (grey) => {
        const context = canvas.current?.getContext("2d");
        if (!live || context == null) return;
        const image = context.createImageData(SIZE, SIZE);
        for (let i = 0; i < grey.length; i++) {
          image.data.fill(grey[i], 4 * i, 4 * i + 3);
          image.data[4 * i + 3] = 255;
        }
        context.putImageData(image, 0, 0);
      },
      () => undefined,
    );
    return () => {
      live = false;
    };
  }, [fileId, pictures]);
  return <canvas ref={canvas} className="thumbnail" width={SIZE} height={SIZE} aria-hidden />;
}
