// SPDX-License-Identifier: EUPL-1.2
/** Draws a page on the clerk's page, of what is shown at the terminal or came from there: a picture by the browser, PDF by PDF.js. */

import type { PDFDocumentLoadingTask, RenderTask } from "pdfjs-dist";
import worker from "pdfjs-dist/legacy/build/pdf.worker.min.mjs?worker&url";
import { type Bytes, kindOf, TYPES } from "../papers/paper.ts";

/** As wide as the widest place for it, in pixels of the screen. */
const WIDTH = 900;
/** No page is drawn higher. */
const HEIGHT = 2700;

/** What is drawn. */
export interface Drawn {
  /** Tells documents apart. */
  readonly key: string;
  readonly page: number;
  readonly content: Bytes;
}

/** The preview. It holds one document at most. */
export class Preview {
  private open: { readonly key: string; readonly task: PDFDocumentLoadingTask } | null = null;
  private render: RenderTask | null = null;
  private canvas: HTMLCanvasElement | null = null;
  private drawn = "";

  /** Draws a page, if it is not the one that is drawn; `pages` is told how many there are. */
  draw(canvas: HTMLCanvasElement, what: Drawn, pages: (count: number) => void): void {
    const drawn = `${what.key}/${what.page}`;
    if (this.canvas === canvas && this.drawn === drawn) {
      return;
    }
    this.canvas = canvas;
    this.drawn = drawn;
    delete canvas.dataset["drawn"];
    const mine = (): boolean => this.drawn === drawn && this.canvas === canvas;
    const drawing =
      kindOf(what.content) === "pdf" ? this.pdf(canvas, what, pages, mine) : this.picture(canvas, what, mine);
    drawing.then(
      () => {
        if (mine()) {
          canvas.dataset["drawn"] = "yes";
        }
      },
      () => {
        // What cannot be drawn here is shown at the terminal all the same, or not there either.
        if (mine()) {
          canvas.dataset["drawn"] = "no";
          blank(canvas);
        }
      },
    );
  }

  /** Lets go of what was drawn. */
  forget(): void {
    this.drawn = "";
    this.render?.cancel();
    this.render = null;
    void this.open?.task.destroy();
    this.open = null;
    if (this.canvas !== null) {
      blank(this.canvas);
      this.canvas = null;
    }
  }

  private async picture(canvas: HTMLCanvasElement, { content }: Drawn, mine: () => boolean): Promise<void> {
    const kind = kindOf(content);
    const picture = await createImageBitmap(new Blob([content], { type: kind === null ? "" : TYPES[kind] }));
    if (mine()) {
      const scale = Math.min(1, WIDTH / picture.width, HEIGHT / picture.height);
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    }
    picture.close();
  }

  private async pdf(
    canvas: HTMLCanvasElement,
    what: Drawn,
    pages: (count: number) => void,
    mine: () => boolean,
  ): Promise<void> {
    const { getDocument, GlobalWorkerOptions } = await import("pdfjs-dist/legacy/build/pdf.mjs");
    if (!mine()) {
      return;
    }
    if (this.open?.key !== what.key) {
      void this.open?.task.destroy();
      GlobalWorkerOptions.workerSrc = worker;
      // It takes the bytes away from whom it gets them; nothing in a document may run.
      const task = getDocument({ data: what.content.slice(), enableXfa: false, stopAtErrors: false, useWasm: false });
      this.open = { key: what.key, task };
    }
    const document = await this.open.task.promise;
    const page = await document.getPage(what.page);
    if (!mine()) {
      return;
    }
    pages(document.numPages);
    const natural = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: Math.min(WIDTH / natural.width, HEIGHT / natural.height) });
    this.render?.cancel();
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    this.render = page.render({ canvas, viewport });
    await this.render.promise;
  }
}

function blank(canvas: HTMLCanvasElement): void {
  [canvas.width, canvas.height] = [1, 1];
}
